import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { plan } from '@yanxiu/generator/plan';
import { SEEDED, startSeeded } from '@yanxiu/testkit/seeded';
import type { System } from '@yanxiu/testkit/system';
import {
  creditedOf,
  decimal,
  dutiesOf,
  hoursOf,
  projectsOf,
  shortfallsOf,
  waitingOf,
} from './examples/expected.js';
import { browserIsHere, look, responseOf } from './examples/pages.js';
import { Records } from './examples/records.js';

const TODAY = '2026-09-10';
const NOW = new Date(`${TODAY}T10:00:00+08:00`);
const FOLDER = new URL('../../examples/', import.meta.url);

interface Named {
  code: string;
  name: string;
}
interface List<T> {
  nodes: T[];
}

let system: System;
let records: Records;
let names: string[];

/** Asks what an example asks, as it stands: persona and variables of the file beside it. */
async function answer<T>(name: string): Promise<{ data: T; variables: Record<string, unknown> }> {
  const query = await readFile(new URL(`${name}.graphql`, FOLDER), 'utf8');
  const asked = JSON.parse(await readFile(new URL(`${name}.json`, FOLDER), 'utf8')) as {
    persona: string;
    org?: string;
    variables: Record<string, unknown>;
  };
  const { data, errors } = await system.gql<T>(query, asked.variables, asked);
  expect(errors).toBeUndefined();
  if (!data) throw new Error(`${name} has no answer`);
  return { data, variables: asked.variables };
}

beforeAll(async () => {
  names = (await readdir(FOLDER))
    .filter((file) => file.endsWith('.graphql'))
    .map((file) => file.replace('.graphql', ''))
    .sort();
  system = await startSeeded({ today: TODAY });
  const steps = plan({ ...SEEDED, today: TODAY }).phases.flatMap((phase) => phase.steps);
  records = await Records.read(system, steps);
});
afterAll(() => system?.stop());

describe('the examples, asked as their files say', () => {
  it('each has its question, its asker and a line in both languages', async () => {
    expect(names).toHaveLength(6);
    for (const name of names) {
      const text = await readFile(new URL(`${name}.graphql`, FOLDER), 'utf8');
      const comment = text.slice(0, text.indexOf('query '));
      expect(comment).toMatch(/^# .*[a-z]{3}/);
      expect(comment).toMatch(/^# .*\p{Script=Han}/mu);
    }
  });

  it('01: one project with its money, participants and evaluation', async () => {
    const { data, variables } = await answer<{
      trainingProjects: List<{
        id: string;
        name: string;
        status: string;
        creditedHours: string;
        funds: { committed: string; paid: string };
        enrolments: List<{ teacher: { id: string; name: string; hours: { total: string } } }>;
        evaluation: { composite: string };
      }>;
    }>('01-project');
    const [project] = data.trainingProjects.nodes;
    if (!project) throw new Error('no project');
    const wanted = projectsOf(records)
      .filter(
        ({ level, status, organiserCode }) =>
          [level, status, organiserCode].join() === 'CITY,CLOSED,140400',
      )
      .filter(({ year }) => year === variables['year'])
      .map(({ projectId }) => projectId)
      .sort()
      .at(-1);
    expect(project.id).toBe(wanted);
    const confirmed = records
      .of<{ projectId: string; teacherId: string }>('enrolment.confirmed')
      .filter(({ projectId }) => projectId === project.id);
    const teachers = project.enrolments.nodes.map(({ teacher }) => teacher);
    expect(teachers.map(({ id }) => id).sort()).toEqual(
      confirmed.map(({ teacherId }) => teacherId).sort(),
    );
    for (const { id, name, hours } of teachers) {
      expect(name).toMatch(/^\p{Script=Han}{2,4}$/u);
      const { centihours } = hoursOf(records, id, [Number(variables['year'])]);
      expect(hours.total).toBe(decimal(centihours));
    }
    expect(project.creditedHours).toBe(decimal(creditedOf(records, project.id)));
    const [committed] = records
      .of<{ projectId: string; amountFen: number }>('funds.committed')
      .filter(({ projectId }) => projectId === project.id);
    expect(project.funds.committed).toBe(decimal(committed?.amountFen ?? 0));
    const [closed] = records
      .of<{ projectId: string; composite: number }>('evaluation.closed')
      .filter(({ projectId }) => projectId === project.id);
    expect(project.evaluation.composite).toBe(decimal(closed?.composite ?? 0));
  });

  it('02: a teacher’s year adds up to what hours told, and names what is open', async () => {
    interface Hours {
      total: string;
      required: string;
      missing: string;
      bySource: { level: string; hours: string }[];
      basis: { article: string; quotation: string };
    }
    const { data, variables } = await answer<{
      me: { id: string; hours: Hours; cycleHours: Hours; hourEntries: List<{ hours: string }> };
      open: List<{ id: string }>;
      opensNext: List<{ id: string }>;
    }>('02-my-year');
    const { me } = data;
    const { centihours, bySource } = hoursOf(records, me.id, [Number(variables['year'])]);
    expect(centihours).toBeGreaterThan(0);
    expect(me.hours).toMatchObject({
      total: decimal(centihours),
      required: '72.00',
      missing: decimal(Math.max(0, 7_200 - centihours)),
      basis: { article: expect.any(String), quotation: expect.stringContaining('72') },
    });
    expect(me.hours.bySource.map(({ level, hours }) => `${level} ${hours}`).sort()).toEqual(
      [...bySource].map(([level, hours]) => `${level} ${decimal(hours)}`).sort(),
    );
    const cycle = hoursOf(records, me.id, [2026, 2027, 2028, 2029, 2030]).centihours;
    expect(me.cycleHours).toMatchObject({
      total: decimal(cycle),
      required: '360.00',
      missing: decimal(36_000 - cycle),
    });
    const entries = me.hourEntries.nodes.map(({ hours }) => Number(hours) * 100);
    expect(Math.round(entries.reduce((total, each) => total + each, 0))).toBe(centihours);
    const inStatus = (wanted: string): string[] =>
      projectsOf(records).flatMap(({ projectId, status }) => (status === wanted ? projectId : []));
    expect(inStatus('ENROLLING')).not.toEqual([]);
    expect(data.open.nodes.map(({ id }) => id).sort()).toEqual(inStatus('ENROLLING').sort());
    expect(data.opensNext.nodes.map(({ id }) => id).sort()).toEqual(
      inStatus('SCHEME_APPROVED').sort(),
    );
  });

  it('03: the counties’ shortfalls follow from what they declared, were given and paid', async () => {
    const { data, variables } = await answer<{
      fundingShortfalls: List<{
        unit: Named;
        base: { payroll: string } | null;
        [amount: string]: unknown;
      }>;
    }>('03-funding-shortfalls');
    const rows = data.fundingShortfalls.nodes.map((row) => ({
      code: row.unit.code,
      name: row.unit.name,
      payroll: row.base?.payroll ?? null,
      required: row['required'],
      notBudgeted: row['notBudgeted'],
      budgeted: row['budgeted'],
      spent: row['spent'],
      notSpent: row['notSpent'],
    }));
    const wanted = shortfallsOf(records, Number(variables['year']));
    expect(wanted.some(({ notBudgeted }) => Number(notBudgeted) > 0)).toBe(true);
    expect(wanted.some(({ spent }) => Number(spent) > 0)).toBe(true);
    expect(rows).toEqual(wanted);
  });

  it('04: the projects that wait are those whose last event is old', async () => {
    const { data, variables } = await answer<{
      waitingProjects: List<{
        status: string;
        since: string;
        days: number;
        authority: string;
        authorityUnit: Named;
        project: { id: string; organiser: Named };
      }>;
    }>('04-waiting-projects');
    const rows = data.waitingProjects.nodes.map((row) => ({
      projectId: row.project.id,
      status: row.status,
      since: row.since,
      authority: row.authority,
      organiserCode: row.project.organiser.code,
    }));
    expect(rows).not.toEqual([]);
    expect(rows).toEqual(waitingOf(records, Number(variables['days']), NOW));
    for (const { since, days, authorityUnit } of data.waitingProjects.nodes) {
      expect(days).toBe(Math.floor((NOW.getTime() - Date.parse(since)) / 86_400_000));
      expect(authorityUnit.name).toMatch(/\p{Script=Han}/u);
    }
  });

  it('05: who owes a plan or a study, and to whom', async () => {
    const { data, variables } = await answer<{
      orgUnitsWithoutPlan: List<{
        unit: Named;
        superior: Named | null;
        planFiled: boolean;
        studyRecorded: boolean;
      }>;
    }>('05-plans-not-filed');
    const rows = data.orgUnitsWithoutPlan.nodes.map((row) => ({
      code: row.unit.code,
      name: row.unit.name,
      superior: row.superior?.code ?? null,
      planFiled: row.planFiled,
      studyRecorded: row.studyRecorded,
    }));
    expect(rows.some(({ planFiled }) => !planFiled)).toBe(true);
    expect(rows).toEqual(dutiesOf(records, Number(variables['year'])));
  });

  it('06: who falls behind misses what hours did not tell, and is offered what is open', async () => {
    const { data, variables } = await answer<{
      notOnTarget: List<{
        teacher: { id: string };
        hours: { total: string; required: string };
        expected: string;
        missing: string;
        openProjects: { project: { id: string }; startsOn: string; hours: string }[];
      }>;
    }>('06-not-on-target');
    const rows = data.notOnTarget.nodes;
    expect(rows).not.toEqual([]);
    for (const { teacher, hours, expected, missing } of rows) {
      const { centihours } = hoursOf(records, teacher.id, [Number(variables['year'])]);
      expect(hours.total).toBe(decimal(centihours));
      expect(missing).toBe(decimal(Number(hours.required) * 100 - centihours));
      expect(Number(hours.total)).toBeLessThan(Number(expected));
    }
    const enrolling = projectsOf(records)
      .filter(({ status }) => status === 'ENROLLING')
      .map(({ projectId }) => projectId);
    const offered = rows.flatMap(({ openProjects }) => openProjects);
    expect(offered).not.toEqual([]);
    for (const { project, startsOn, hours } of offered) {
      expect(enrolling).toContain(project.id);
      expect(startsOn > TODAY).toBe(true);
      expect(Number(hours)).toBeGreaterThan(0);
    }
  });
});

const LISTS: Readonly<Record<string, string>> = {
  trainingProjects: 'nodes { id }',
  trainingInstitutions: 'nodes { id }',
  annualPlans: 'nodes { id }',
  orgUnits: 'nodes { code }',
  teachers: 'nodes { id }',
  projectEvaluations: 'nodes { id }',
  institutionRatings: 'nodes { id }',
  payments: 'nodes { id }',
  'orgUnitsWithoutPlan year: 2026': 'nodes { year }',
  'waitingProjects olderThanDays: 1': 'nodes { days }',
  'compliances under: "140000", year: 2025': 'nodes { unit { code } }',
  'complianceSummary under: "140000", tier: COUNTY, year: 2025': 'nodes { unit { code } }',
  'hoursReportDifference unit: "140000", year: 2025, asOf: "2025-05-31", knownAt: "2025-06-01"':
    'nodes { id }',
  'notOnTarget under: "140000", year: 2025': 'nodes { unit { code } }',
  'dueTraining under: "140000", kind: INDUCTION': 'nodes { unit { code } }',
  'journal unit: "140400", fiscalYear: 2025': 'nodes { id }',
  'fundingShortfalls fiscalYear: 2025': 'nodes { spent }',
};
const FORGED = [['x', 'y'], ['infinity', 'x'], ['\0'], ['\0', '\0'], ['1', '2', '3'], [1], null];

describe('someone who tries to break a list', () => {
  it.each(Object.entries(LISTS))('is told what is wrong: %s', async (list, select) => {
    const [field, ...given] = list.split(' ');
    const query = `query($first: Int, $after: String) {
      ${field}(first: $first, after: $after, ${given.join(' ')}) { ${select} pageInfo { endCursor } }
    }`;
    const codeOf = async (variables: object): Promise<unknown> => {
      const asker = { persona: 'auditor' };
      const { errors } = await system.gql(query, { ...variables }, asker);
      return errors?.[0]?.extensions?.['code'];
    };
    expect(await codeOf({ first: 1 })).toBeUndefined();
    for (const first of [0, -1, 201]) expect(await codeOf({ first })).toBe('BAD_USER_INPUT');
    for (const values of FORGED) {
      const after = Buffer.from(JSON.stringify(values)).toString('base64url');
      expect([values, await codeOf({ first: 1, after })]).toEqual([values, 'BAD_USER_INPUT']);
    }
  });

  it('is told that a text cannot be stored', async () => {
    for (const query of [
      'query($text: ID!) { orgUnit(code: $text) { name } }',
      'query($text: ID!) { trainingProjects(under: $text) { nodes { id } } }',
      'query($text: ID!) { hoursReport(unit: $text, year: 2025) { teachers } }',
      'query($text: ID!) { fundingShortfalls(fiscalYear: 2025, under: $text) { nodes { spent } } }',
    ]) {
      const { errors } = await system.gql(query, { text: '\0' }, { persona: 'analyst' });
      expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['BAD_USER_INPUT']);
    }
  });
});

(browserIsHere() ? describe : describe.skip)('the pages over the same province', () => {
  it('show the five services up, the personas and the examples', () =>
    look(system, async (page, shot) => {
      await page.goto(system.url);
      await page.locator('#overall', { hasText: '全部正常' }).waitFor();
      expect(await page.locator('#services li .pill.up').allInnerTexts()).toHaveLength(5);
      for (const service of ['人事', '培训', '学时', '经费', '评估']) {
        await page.locator('#services li', { hasText: service }).waitFor();
      }
      await page.locator('#personas li').first().waitFor();
      expect(await page.locator('#personas li').count()).toBe(11);
      expect(await page.locator('#examples li a').allInnerTexts()).toEqual(names);
      await page
        .locator('#examples li', { hasText: '各县（市、区）某财政年度的经费缺口' })
        .waitFor();
      await shot('province-start');
    }));

  it('let an analyst ask an example in the explorer', () =>
    look(system, async (page, shot) => {
      await page.goto(`${system.url}/explorer`);
      await page.locator('.graphiql-query-editor .view-lines').first().waitFor();
      await page.locator('#persona').selectOption('county-officer');
      await page.locator('#example').selectOption('03-funding-shortfalls');
      await page.locator('.graphiql-query-editor', { hasText: 'FundingShortfalls' }).waitFor();
      await page
        .locator('#persona option:checked', { hasText: 'analyst' })
        .waitFor({ state: 'attached' });
      await page.locator('.graphiql-execute-button').click();
      const response = await responseOf(page);
      await shot('province-explorer');
      expect(response).toContain('"fundingShortfalls"');
      expect(response).not.toContain('"errors"');
      expect(response).toMatch(/"name": "\p{Script=Han}+[县区市]"/u);
    }));
});
