import { randomUUID } from 'node:crypto';
import type { System } from '@yanxiu/testkit/system';
import type { World } from '../story/world.js';
import type { Accounts } from './accounts.js';
import { YEAR, type Decided, type Moving, type Named } from './moving.js';

const TODAY = '2026-09-10';

type Side = 'old' | 'new';

/** What each side sees of the teacher, path by path: whether what identifies a path is there. */
type Seen = Record<string, boolean>;

/** The move of a teacher as her two counties see it. */
export class Transfer {
  /** The entry that was made in the new county. */
  #after: { entry: string; decision: string } | undefined;

  constructor(
    private readonly accounts: Accounts,
    private readonly moving: Moving,
  ) {}

  private get world(): World {
    return this.accounts.world;
  }

  private get system(): System {
    return this.world.system;
  }

  private county(side: Side): string {
    return side === 'old' ? this.moving.from.county : this.moving.to.county;
  }

  async nameOfficers(): Promise<void> {
    const { accounts, moving } = this;
    await accounts.assign('city', 'old', { role: 'OFFICER', unit: moving.from.county });
    await accounts.assign('city', 'new', { role: 'OFFICER', unit: moving.to.county });
    for (const side of ['old', 'new'] as const) {
      await accounts.settled(side, this.county(side), 'ok');
    }
    const { school } = moving.to;
    await accounts.assign('new', 'new-coordinator', { role: 'COORDINATOR', unit: school });
    await accounts.assign('old', 'herself', {
      ...{ role: 'TEACHER', unit: moving.from.school, teacher: moving.teacher },
    });
    await accounts.settled('new-coordinator', school, 'ok');
  }

  async move(): Promise<void> {
    const { teacher: teacherId, to, from } = this.moving;
    const by = await this.accounts.token('city');
    const act = ['transferTeacher', 'TransferTeacherInput'] as const;
    await this.world.act(
      ...act,
      { teacherId, toUnitCode: to.school, on: TODAY },
      'teacher { id }',
      by,
    );
    const hours = `query ($x: ID!) { explainVerdict(teacherId: $x, year: ${YEAR}) { text } }`;
    const enrolments = '{ enrolments { nodes { id } } }';
    await this.world.eventually(
      async () => ({
        hours: (await this.#data('new', hours, { x: teacherId }))?.['explainVerdict'],
        training: await this.#entity('training', 'new', 'Teacher', enrolments),
      }),
      (known) => Boolean(known.hours) && known.training,
      `the transfer from ${from.school} to be known`,
    );
  }

  /** Hours of her first day in the new county, claimed, checked and decided there. */
  async learnAgain(): Promise<void> {
    const claim = {
      ...{ teacherId: this.moving.teacher, source: 'SELF_STUDY', category: 'SUBJECT' },
      ...{ modality: 'SELF_DIRECTED', title: '新岗位自主研读' },
      sessions: [{ date: TODAY, startTime: '07:00', minutes: 90 }],
      evidence: { sha256: randomUUID().replaceAll('-', '').repeat(2), name: '笔记.pdf', size: 9 },
    };
    const act = async (by: string, name: string, type: string, input: object) =>
      this.world.act<{ claim: Named & { decision: Decided } }>(
        ...([name, type, input, 'claim { id decision { id entries { id } } }'] as const),
        await this.accounts.token(by),
      );
    const made = await act('herself', 'submitClaim', 'SubmitClaimInput', { claim });
    const claimId = made.claim.id;
    const input = { claimId, confirmed: true };
    await act('new-coordinator', 'checkClaim', 'CheckClaimInput', input);
    const decide = ['decideClaim', 'DecideClaimInput', { claimId, accepted: true }] as const;
    const { decision } = (await act('city', ...decide)).claim;
    this.#after = { decision: decision.id, entry: decision.entries[0]?.id ?? '' };
  }

  everything(): Seen {
    return this.#all((path) => this.#after !== undefined || !path.endsWith('after'));
  }

  nothing(): Seen {
    return this.#all(() => false);
  }

  /** What was recorded while she was there; nothing of what she is now. */
  kept(): Seen {
    const keeps = [
      ...['hourEntry before', 'recognitionDecision before', 'explain before', 'enrolment'],
      ...['enrolment.decision', 'project.enrolments', 'class.enrolments'],
      ...['reference HourEntry before', 'reference Enrolment', 'reference hourEntries before'],
      'reference enrolments',
    ];
    return this.#all((path) => keeps.includes(path));
  }

  #all(holds: (path: string) => boolean): Seen {
    return Object.fromEntries(Object.keys(this.#paths('old')).map((path) => [path, holds(path)]));
  }

  async seenBy(side: Side): Promise<Seen> {
    const seen: Seen = {};
    for (const [path, look] of Object.entries(this.#paths(side))) seen[path] = await look();
    return seen;
  }

  /** Every way to her that there is: from the root, nested, by reference. */
  #paths(side: Side): Record<string, () => Promise<boolean>> {
    const { teacher, project, enrolment, entry, decision } = this.moving;
    const x = teacher;
    const after = this.#after ?? { entry: teacher, decision: teacher };
    const at = (path: string, query: string, id: string) => async () =>
      valueAt(await this.#data(side, query, { x: id }), path.split('.'));
    const has = (value: string, query: string, id: string) => async () =>
      JSON.stringify(await this.#data(side, query, { x: id })).includes(value);
    const PERSON = 'name idNumberMasked unit { code } posts { from } hours(year: 2026) { total }';
    const hers = `teacher { id ${PERSON} }`;
    const reference =
      (service: string, type: string, fields: string, id = teacher) =>
      async () =>
        this.#entity(service, side, type, fields, id);
    const root = (name: string, arg: string, fields: string) =>
      `query ($x: ID!) { ${name}(${arg}: $x) { ${fields} } }`;
    const copy = (service: string) =>
      at(
        `${service}PersonalData.teacherId`,
        `query ($x: ID) { ${service}PersonalData(teacherId: $x, purpose: "核对") { teacherId } }`,
        x,
      );
    return {
      teacher: at('teacher.name', root('teacher', 'id', PERSON), x),
      teachers: () => this.#listed(side, 'teachers'),
      compliances: () => this.#listed(side, 'compliances'),
      explainVerdict: at(
        'explainVerdict.text',
        `query ($x: ID!) { explainVerdict(teacherId: $x, year: ${YEAR}) { text } }`,
        x,
      ),
      'hourEntry before': at('hourEntry.id', root('hourEntry', 'id', 'id'), entry),
      'hourEntry after': at('hourEntry.id', root('hourEntry', 'id', 'id'), after.entry),
      'explain before': at('explain.text', root('explain', 'entryId', 'text'), entry),
      'explain after': at('explain.text', root('explain', 'entryId', 'text'), after.entry),
      'recognitionDecision before': at(
        ...(['recognitionDecision.id', root('recognitionDecision', 'id', 'id'), decision] as const),
      ),
      'recognitionDecision after': at(
        ...(['recognitionDecision.id', root('recognitionDecision', 'id', 'id')] as const),
        after.decision,
      ),
      enrolment: at('enrolment.id', root('enrolment', 'id', 'id'), enrolment),
      'enrolment.decision': has(decision, root('enrolment', 'id', 'decision { id }'), enrolment),
      'enrolment.teacher name': at(
        'enrolment.teacher.name',
        root('enrolment', 'id', hers),
        enrolment,
      ),
      'enrolment.teacher unit': at(
        'enrolment.teacher.unit',
        root('enrolment', 'id', hers),
        enrolment,
      ),
      'enrolment.teacher hours': at(
        ...(['enrolment.teacher.hours', root('enrolment', 'id', hers), enrolment] as const),
      ),
      'hourEntry.teacher name': at('hourEntry.teacher.name', root('hourEntry', 'id', hers), entry),
      'hourEntry.teacher posts': at(
        'hourEntry.teacher.posts',
        root('hourEntry', 'id', hers),
        entry,
      ),
      'project.enrolments': has(
        enrolment,
        root('trainingProject', 'id', 'enrolments(first: 100) { nodes { id } }'),
        project,
      ),
      'class.enrolments': has(
        enrolment,
        root('trainingClass', 'id', 'enrolments(first: 100) { nodes { id } }'),
        this.moving.class,
      ),
      'copy of personnel': copy('personnel'),
      'copy of hours': copy('hours'),
      'copy of training': copy('training'),
      'reference name': reference('personnel', 'Teacher', '{ name }'),
      'reference unit': reference('personnel', 'Teacher', '{ unit { code } }'),
      'reference hours': reference('hours', 'Teacher', `{ hours(year: ${YEAR}) { total } }`),
      'reference cycle': reference('hours', 'Teacher', `{ cycleHours(year: ${YEAR}) { total } }`),
      'reference claims': reference('hours', 'Teacher', '{ claims { pageInfo { hasNextPage } } }'),
      'reference hourEntries before': () => this.#entries(side, entry),
      'reference hourEntries after': () => this.#entries(side, after.entry),
      'reference enrolments': reference('training', 'Teacher', '{ enrolments { nodes { id } } }'),
      'reference HourEntry before': reference('hours', 'HourEntry', '{ hours }', entry),
      'reference HourEntry after': reference('hours', 'HourEntry', '{ hours }', after.entry),
      'reference Enrolment': reference('training', 'Enrolment', '{ status }', enrolment),
    };
  }

  async #entries(side: Side, entry: string): Promise<boolean> {
    const text = JSON.stringify(
      await this.#represented('hours', side, 'Teacher', '{ hourEntries { nodes { id } } }'),
    );
    return text.includes(entry);
  }

  /** Whether she is in the list of the side's county, on whichever page. */
  async #listed(side: Side, list: 'teachers' | 'compliances'): Promise<boolean> {
    const [args, node] = list === 'teachers' ? ['', 'id'] : [`, year: ${YEAR}`, 'teacher { id }'];
    const query = `query ($x: ID!, $after: String) {
      ${list}(under: $x${args}, first: 200, after: $after) {
        nodes { ${node} } pageInfo { hasNextPage endCursor } } }`;
    interface Page {
      nodes: unknown[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    }
    for (let after: string | null = null; ;) {
      const data = await this.#data(side, query, { x: this.county(side), after });
      const page = data?.[list] as Page;
      if (JSON.stringify(page.nodes).includes(this.moving.teacher)) return true;
      if (!page.pageInfo.hasNextPage) return false;
      after = page.pageInfo.endCursor;
    }
  }

  /** What is answered, without what is refused. */
  async #data(side: Side, query: string, variables: object) {
    const token = await this.accounts.token(side);
    const { data } = await this.system.gql<Record<string, unknown>>(query, { ...variables }, token);
    return data;
  }

  async #represented(service: string, side: Side, type: string, fields: string, id?: string) {
    const r = `[{ __typename: "${type}", id: "${id ?? this.moving.teacher}" }]`;
    const query = `{ _entities(representations: ${r}) { ... on ${type} ${fields} } }`;
    const token = await this.accounts.token(side);
    const { answer } = await this.system.askSubgraph(service, query, { token });
    const [found = null] = (answer.data?.['_entities'] ?? []) as (object | null)[];
    return found;
  }

  /** Whether a service shows anything for a reference that comes with the gateway's credential. */
  async #entity(service: string, side: Side, type: string, fields: string, id?: string) {
    const found = await this.#represented(service, side, type, fields, id);
    return Object.values(found ?? {}).some(
      (value) => value !== null && JSON.stringify(value) !== '{"nodes":[]}',
    );
  }

  /** The reports of both counties, each as its own officer sees it. */
  async reports(asOf: string): Promise<unknown[]> {
    const query = `query ($x: ID!) { hoursReport(unit: $x, year: ${YEAR}, asOf: "${asOf}") {
      teachers met short notRegulated exempt total average } }`;
    return Promise.all(
      (['old', 'new'] as const).map((side) => this.#data(side, query, { x: this.county(side) })),
    );
  }

  /** How what a county does with its teacher is answered. */
  async acts(side: Side): Promise<Set<unknown>> {
    const teacherId = this.moving.teacher;
    const commands: [string, object][] = [
      ['revealIdNumber', { teacherId, purpose: 'CERTIFICATE' }],
      ['changeTeacherClassification', { teacherId, from: TODAY, ladder: 'BACKBONE' }],
    ];
    const answers = new Set<unknown>();
    for (const [name, input] of commands) {
      const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
      const query = `mutation ($input: ${type}!) { ${name}(input: $input) { teacher { id } } }`;
      const token = await this.accounts.token(side);
      const { errors } = await this.system.gql(query, { input }, token);
      answers.add(errors ? errors[0]?.extensions?.['code'] : 'ok');
    }
    return answers;
  }
}

/** Whether there is a value at the end of the path. */
function valueAt(value: unknown, [name, ...rest]: string[]): boolean {
  if (value === null || value === undefined) return false;
  if (name === undefined) return true;
  return valueAt((value as Record<string, unknown>)[name], rest);
}
