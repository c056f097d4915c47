import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { load } from '@yanxiu/subgraph/context';
import { withoutRowFence } from '@yanxiu/testkit/context';
import {
  CITY,
  COUNTY_A,
  COUNTY_B,
  PROVINCE,
  SCHOOL_A1,
  UNIVERSITY,
  officer,
  refusal,
  staff,
  teacherActor,
  type DeliveryFixture,
} from '../testing/delivery.js';
import { Planning } from '../testing/planning.js';
import { submitTrainingProject } from './commands.js';
import {
  trainingProject,
  trainingProjects,
  visibleProjectById,
  waitingProjects,
} from './queries.js';

let planning: Planning;
let fixture: DeliveryFixture;
let ofCity: string;
let ofCounty: string;
let approved: string;
beforeAll(async () => {
  planning = await Planning.start();
  fixture = planning.fixture;
  await planning.accredit();
  await planning.accredit('INST-2');
  ofCity = await planning.draft();
  ofCounty = await planning.draft({
    organiserCode: COUNTY_A,
    level: 'COUNTY',
    delivererIds: [await planning.institutionId('INST-2')],
  });
  approved = await planning.approved();
});
afterAll(() => fixture.stop());

describe('who sees a project', () => {
  const teacher = teacherActor('00000000-0000-7000-8000-0000000000aa', SCHOOL_A1);
  const agency = { ...officer(PROVINCE), role: 'EVALUATOR' as const };
  const NONE = [false, false, false];
  const cases = [
    ['its organiser', officer(CITY), [true, true, true]],
    ['the province', officer(PROVINCE), [true, true, true]],
    ['a county: its own and those above', officer(COUNTY_A), [true, true, true]],
    ['another county: only those above', officer(COUNTY_B), [true, false, true]],
    ['a university beside', officer(UNIVERSITY), [false, false, false]],
    [
      'an analyst of a county',
      { ...officer(COUNTY_B), role: 'ANALYST' as const },
      [true, false, true],
    ],
    ['its deliverer', staff('INST-1'), [true, false, true]],
    ['another institution', staff('INST-2'), [false, true, false]],
    ['a teacher, once approved', teacher, [false, false, true]],
    ['an evaluator, wherever she was named, before there is anything to assess', agency, NONE],
  ] as const;
  it.each(cases)('%s', async (_, actor, expected) => {
    const ids = [ofCity, ofCounty, approved];
    for (const context of [fixture.context(actor), withoutRowFence(fixture.context(actor))]) {
      const found = await Promise.all(ids.map((id) => trainingProject(context, id)));
      expect(found.map((project) => project !== null)).toEqual(expected);
      const loaded = await Promise.all(ids.map((id) => load(context, visibleProjectById, id)));
      expect(loaded.map((project) => project !== null)).toEqual(expected);
      const { nodes } = await trainingProjects(context, {});
      expect(ids.map((id) => nodes.some((node) => node.id === id))).toEqual(expected);
    }
  });

  it.each([
    ['RECOGNISED', 'CITY', true],
    ['EVALUATED', 'CITY', true],
    ['CLOSED', 'CITY', true],
    ['RUNNING', 'CITY', false],
    // A28: no agency assesses what a school does for itself.
    ['RECOGNISED', 'SCHOOL', false],
  ])('an evaluator, of one that is %s, of level %s: %s', async (status, level, expected) => {
    const set = 'UPDATE training_project SET status = $2, level = $3 WHERE id = $1';
    const [before] = await fixture.db.query<{ status: string; level: string }[]>(
      'SELECT status, level FROM training_project WHERE id = $1',
      [approved],
    );
    await fixture.db.query(set, [approved, status, level]);
    for (const context of [fixture.context(agency), withoutRowFence(fixture.context(agency))]) {
      expect((await trainingProject(context, approved)) !== null).toBe(expected);
      const loaded = await load(context, visibleProjectById, approved);
      expect(loaded !== null).toBe(expected);
    }
    await fixture.db.query(set, [approved, before?.status, before?.level]);
  });

  it('is no one without a token, and not the platform', async () => {
    const see = (context: ReturnType<Planning['as']>) => refusal(trainingProject(context, ofCity));
    expect(await see(fixture.context(null))).toMatchObject({ code: 'UNAUTHENTICATED' });
    const platform = { ...officer(PROVINCE), role: 'PLATFORM' as const };
    expect(await see(fixture.context(platform))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await load(fixture.context(null), visibleProjectById, ofCity)).toBeNull();
  });
});

describe('lists', () => {
  it('filter and page, latest first', async () => {
    const { nodes } = await trainingProjects(planning.as(CITY), { under: COUNTY_A });
    expect(nodes.map(({ id }) => id)).toEqual([ofCounty]);
    const context = planning.as(CITY);
    const first = await trainingProjects(context, { first: 2, year: 2025 });
    const after = first.pageInfo.endCursor;
    const second = await trainingProjects(context, { first: 2, year: 2025, after });
    expect([...first.nodes, ...second.nodes].map(({ id }) => id)).toEqual([
      approved,
      ofCounty,
      ofCity,
    ]);
    const drafts = await trainingProjects(context, { status: 'DRAFT', level: 'CITY' });
    expect(drafts.nodes.map(({ id }) => id)).toEqual([ofCity]);
  });

  it('show what waits, for how long and for whom', async () => {
    const start = fixture.clock.now;
    const asked = await planning.draft();
    await submitTrainingProject(planning.as(CITY), { projectId: asked });
    fixture.clock.now = new Date(start.getTime() + 31 * 86_400_000);
    const fresh = await planning.draft();
    const { nodes } = await waitingProjects(planning.as(PROVINCE), { olderThanDays: 30 });
    const byId = new Map(nodes.map((row) => [row.project.id, row]));
    expect(byId.get(asked)).toMatchObject({ days: 31, authority: 'FUNDING' });
    expect(byId.get(approved)).toMatchObject({ days: 31, authority: 'ORGANISER' });
    expect(byId.has(fresh)).toBe(false);
    const context = planning.as(PROVINCE);
    const one = await waitingProjects(context, { olderThanDays: 30, first: 1 });
    const rest = await waitingProjects(context, {
      olderThanDays: 30,
      after: one.pageInfo.endCursor,
    });
    expect([...one.nodes, ...rest.nodes]).toHaveLength(nodes.length);
    const far = await waitingProjects(context, { olderThanDays: 31 });
    expect(far.nodes).toEqual([]);
    fixture.clock.now = start;
  });
});
