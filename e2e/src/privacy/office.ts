import { randomUUID } from 'node:crypto';
import type { Answer, Asker, System } from '@yanxiu/testkit/system';
import type { World } from '../story/world.js';
import { Canaries } from './canaries.js';

export const YEAR = 2025;

export const REGISTER = `mutation ($input: RegisterTeachersInput!) { registerTeachers(input: $input) {
  rows { status teacher { id } problems { column value rule messageZh messageEn } } } }`;

const REVEAL = `mutation ($input: RevealIdNumberInput!) { revealIdNumber(input: $input) {
  idNumber } }`;

/** Somebody whose numbers are in the register. */
export interface Person {
  id: string;
  idNumber: string;
  phone: string;
  name: string;
}

interface Registered {
  registerTeachers: { rows: { status: string; teacher: { id: string } | null }[] };
}

/** An office of a county that puts numbers in, and keeps what it is answered. */
export class Office {
  readonly canaries = new Canaries();
  /** What came back over HTTP and from the command line, but for what is shown by right. */
  readonly answers: string[] = [];

  constructor(readonly world: World) {}

  get system(): System {
    return this.world.system;
  }

  get officer(): Asker {
    return this.world.countyOfficer(0);
  }

  async ask<T = Record<string, unknown>>(
    query: string,
    variables: object = {},
    asker: Asker = this.officer,
  ): Promise<Answer<T>> {
    const answer = await this.system.gql<T>(query, { ...variables }, asker);
    this.answers.push(JSON.stringify(answer));
    return answer;
  }

  /** A row of a roster with numbers that nobody has. */
  row(more: object = {}) {
    const { canaries, world } = this;
    return {
      ...{ rowNumber: 1, name: canaries.name('name'), idNumber: canaries.idNumber('roster') },
      ...{ phone: canaries.phone('roster'), unitCode: world.places.schools[0] },
      ...{ stage: 'PRIMARY', hiredOn: '2015-09-01' },
      ...more,
    };
  }

  async register(rows: object[]): Promise<Registered['registerTeachers']['rows']> {
    const { data, errors } = await this.ask<Registered>(REGISTER, { input: { rows } });
    if (!data) throw new Error(JSON.stringify(errors));
    return data.registerTeachers.rows;
  }

  async person(): Promise<Person> {
    const row = this.row();
    const [registered] = await this.register([row]);
    const { idNumber, phone, name } = row;
    return { id: registered?.teacher?.id ?? '', idNumber, phone, name };
  }

  /** The ID number, opened for a purpose. */
  async revealed(teacherId: string): Promise<string | undefined> {
    const input = { teacherId, purpose: 'CERTIFICATE' };
    const { data } = await this.system.gql<{ revealIdNumber: { idNumber: string } }>(
      ...([REVEAL, { input }, this.officer] as const),
    );
    return data?.revealIdNumber.idNumber;
  }

  /** How a number in the note of a reveal is refused. */
  async noted(teacherId: string, note: string): Promise<unknown> {
    const input = { teacherId, purpose: 'REPORT', note };
    return (await this.ask(REVEAL, { input })).errors?.[0]?.extensions?.['code'];
  }

  /** The sums of the county on a date. */
  async report(asOf: string): Promise<{ total: string } | undefined> {
    const query = `query ($unit: ID!, $asOf: Date) {
      hoursReport(unit: $unit, year: ${YEAR}, asOf: $asOf) {
        teachers met short notRegulated exempt total average } }`;
    const variables = { unit: this.world.places.counties[0], asOf };
    const { data } = await this.ask<{ hoursReport: { total: string } }>(query, variables);
    return data?.hoursReport;
  }

  /** Two hours of the teacher's own study, claimed, checked and decided. */
  async creditHours(teacher: string): Promise<void> {
    const { world } = this;
    const claim = {
      ...{ teacherId: teacher, source: 'SELF_STUDY', category: 'SUBJECT' },
      ...{ modality: 'SELF_DIRECTED', title: '整本书阅读教学研读' },
      sessions: [{ date: '2025-10-06', startTime: '19:00', minutes: 90 }],
      evidence: { sha256: randomUUID().replaceAll('-', '').repeat(2), name: '笔记.pdf', size: 9 },
    };
    const submit = `mutation ($input: SubmitClaimInput!) { submitClaim(input: $input) {
      claim { id } } }`;
    const made = await world.eventually(
      () => this.ask(submit, { input: { claim } }, { persona: 'teacher', teacher }),
      ({ data }) => Boolean(data),
      'hours to know the teacher',
    );
    const { submitClaim } = made.data as { submitClaim: { claim: { id: string } } };
    const act = (name: string, type: string, input: object, by: Asker) =>
      world.act(name, type, { claimId: submitClaim.claim.id, ...input }, 'claim { id }', by);
    await act('checkClaim', 'CheckClaimInput', { confirmed: true }, world.coordinator(0));
    await act('decideClaim', 'DecideClaimInput', { accepted: true }, world.cityOfficer);
  }
}
