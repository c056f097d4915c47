import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  orgUnitMoved,
  orgUnitRegistered,
  teacherChanged,
  teacherRetired,
  teacherTransferred,
} from '@yanxiu/contracts/personnel';
import { rebuild } from '@yanxiu/subgraph/rebuild/rebuild';
import { testContext, testEnvironment } from '@yanxiu/testkit/context';
import { deliver } from '@yanxiu/testkit/events';
import { service } from '../subgraph.js';
import { ask, officer } from '../testing/graph.js';
import { complete, days, hire, participation, startProvince } from '../testing/province.js';
import {
  OTHER_SCHOOL,
  publishPolicy,
  recompute,
  SCHOOL,
  type Province,
} from '../testing/province.js';
import { fold } from './fold.js';
import { unitSummaries } from './queries.js';
import { openYears } from './walk.js';

const [COUNTY, OTHER_COUNTY] = ['140403', '140404'];
let province: Province;
beforeAll(async () => {
  province = await startProvince();
});
afterAll(() => province.stop());

const SUMMARY = `query ($under: ID!, $tier: SummaryTier!, $year: Int!, $of: SummaryKind,
    $by: SummaryDimension, $first: Int, $after: String) {
  complianceSummary(under: $under, tier: $tier, year: $year, of: $of, by: $by, first: $first,
      after: $after) {
    nodes { unit { code } counts { value teachers met short notRegulated exempt total } }
    pageInfo { hasNextPage endCursor } } }`;

interface Count {
  value: string | null;
  teachers: number;
  met: number;
  short: number;
  total: string;
}

async function summary(variables: Record<string, unknown>, unit = '140000') {
  const filter = { under: unit, tier: 'COUNTY', year: 2025, ...variables };
  const { data, code } = await ask(province, officer(unit), SUMMARY, filter);
  expect(code).toBeUndefined();
  const nodes: { unit: { code: string }; counts: Count[] }[] = data.complianceSummary.nodes;
  return new Map(nodes.map((node) => [node.unit.code, node.counts]));
}

/** Whether the kept verdicts and their counts are what follows from the records, by digest. */
async function check(checkOnly = true) {
  const view = service.views?.find(({ name }) => name === 'standings');
  if (!view) throw new Error('no view');
  const { tables, same } = await rebuild({
    service: 'hours',
    ownerUrl: province.database.ownerUrl,
    entities: [],
    view,
    transport: { read: () => Promise.reject(new Error('not from the log')) },
    checkOnly,
    onProgress: () => undefined,
    onChange: () => Promise.resolve(),
  });
  return { same, rows: tables.map(({ live }) => live.rows) };
}

const transfer = (teacherId: string, on: string, toUnitCode: string) =>
  deliver(province.inbox, teacherTransferred, teacherId, {
    ...{ teacherId, fromUnitCode: SCHOOL, toUnitCode, on, sector: 'BASIC', stage: 'PRIMARY' },
  });

describe('complianceSummary', () => {
  it('[R34] counts every teacher from her first day on, before anything is posted', async () => {
    await hire(province, { subject: '语文' });
    await hire(province, { stage: 'JUNIOR_SECONDARY', subject: '数学' });
    await hire(province, { unitCode: OTHER_SCHOOL });
    const bySector = await summary({});
    expect(bySector.get(COUNTY)).toEqual([
      {
        ...{ value: 'BASIC', teachers: 2, met: 0, short: 2, notRegulated: 0, exempt: 0 },
        total: '0.00',
      },
    ]);
    const bySubject = await summary({ by: 'SUBJECT' });
    expect(
      bySubject
        .get(COUNTY)
        ?.map(({ value }) => value)
        .sort(),
    ).toEqual(['数学', '语文']);
    expect(bySubject.get(OTHER_COUNTY)?.map(({ value }) => value)).toEqual([null]);
    expect((await summary({ tier: 'PROVINCE', by: 'STAGE' })).get('140000')).toHaveLength(2);
    expect((await summary({ year: 2021 })).get(COUNTY)?.[0]).toMatchObject({ short: 2 });
  });

  it('[R33] follows each posting at once, folded or not, and answers the same', async () => {
    const teacherId = await hire(province);
    await complete(province, participation(teacherId, days('2025-03-03', 9, 360)));
    const pending = await summary({});
    expect(pending.get(COUNTY)?.[0]).toMatchObject({ teachers: 3, met: 1, total: '72.00' });
    expect(await fold(province.db)).toBeGreaterThan(0);
    expect(await summary({})).toEqual(pending);
    expect(await fold(province.db)).toBe(0);
    const cycle = { year: 2021 };
    const of = (of: string) => summary({ ...cycle, of });
    expect((await of('CYCLE_ANNUAL')).get(COUNTY)?.[0]).toMatchObject({ short: 3, met: 0 });
    expect((await of('CYCLE_TOTAL')).get(COUNTY)?.[0]).toMatchObject({ short: 3 });
    expect((await of('CYCLE')).get(COUNTY)?.[0]).toMatchObject({ short: 3, total: '72.00' });
  });

  it('moves a teacher with her post, her stage and subject, and counts her no more after', async () => {
    const unitCode = '140400901';
    const id = await hire(province, { unitCode, sector: 'VOCATIONAL', subject: '焊接' });
    const school = { tier: 'SCHOOL', by: 'SUBJECT' };
    expect((await summary(school)).get(unitCode)?.[0]?.value).toBe('焊接');
    await deliver(province.inbox, teacherChanged, id, {
      ...{
        teacherId: id,
        stage: 'SECONDARY_VOCATIONAL',
        subject: '数控',
        ladder: 'YOUNG',
        roles: [],
      },
      from: '2025-06-01',
    });
    expect((await summary(school)).get(unitCode)?.map(({ value }) => value)).toEqual(['数控']);
    await transfer(id, '2025-02-01', OTHER_SCHOOL);
    expect((await summary(school)).get(unitCode)).toEqual([]);
    expect((await summary({ ...school, year: 2024 })).get(unitCode)).toHaveLength(1);
    const left = await hire(province, { unitCode, sector: 'VOCATIONAL', subject: '数控' });
    const counted = async (year: number) =>
      (await summary({ tier: 'SCHOOL', year })).get(unitCode)?.[0]?.teachers;
    expect([await counted(2024), await counted(2025)]).toEqual([2, 1]);
    await deliver(province.inbox, teacherRetired, left, {
      ...{ teacherId: left, unitCode, on: '2024-06-30' },
    });
    expect([await counted(2024), await counted(2025)]).toEqual([2, undefined]);
  });

  it('moves a school with all its counts to another county', async () => {
    const code = '140404002';
    await deliver(province.inbox, orgUnitRegistered, code, {
      ...{ code, parentCode: OTHER_COUNTY ?? '', tier: 'SCHOOL', sector: 'BASIC', name: 'x' },
      ...{ stage: null, validFrom: '2021-01-01' },
    });
    await hire(province, { unitCode: code });
    await fold(province.db);
    await hire(province, { unitCode: code });
    const before = await summary({ tier: 'PROVINCE' });
    const count = async (county: string | undefined) =>
      (await summary({})).get(county ?? '')?.[0]?.teachers;
    const [here, there] = [await count(OTHER_COUNTY), await count(COUNTY)];
    await deliver(
      province.inbox,
      orgUnitMoved,
      code,
      { code, parentCode: COUNTY ?? '', validFrom: '2025-07-01' },
      2,
    );
    expect(await count(OTHER_COUNTY)).toBe(Number(here) - 2);
    expect(await count(COUNTY)).toBe(Number(there) + 2);
    expect(await summary({ tier: 'PROVINCE' })).toEqual(before);
    expect((await check()).same).toBe(true);
  });

  it('opens a year that has begun, and what a parameter first judges', async () => {
    const environment = testEnvironment(province.clock);
    expect((await summary({ year: 2026 })).get(COUNTY)).toEqual([]);
    expect(await openYears(province.db, environment)).toBeGreaterThan(0);
    expect(await openYears(province.db, environment)).toBe(0);
    province.clock.now = new Date('2025-12-31T16:00:00Z');
    expect(await openYears(province.db, environment)).toBeGreaterThan(0);
    expect((await summary({ year: 2026 })).get(COUNTY)?.[0]).toMatchObject({ short: 5, met: 0 });
    expect((await check()).same).toBe(true);
    province.clock.now = new Date('2025-06-30T04:00:00Z');
  });

  it('judges all teachers anew by a published parameter', async () => {
    const higher = { tier: 'SCHOOL' };
    await hire(province, { unitCode: '140000801', sector: 'HIGHER' });
    expect((await summary(higher)).get('140000801')?.[0]).toMatchObject({ notRegulated: 1 });
    await publishPolicy(province, 'hours.higher.annual', 6000, { version: 2 });
    await recompute(province);
    expect((await summary(higher)).get('140000801')?.[0]).toMatchObject({ short: 1 });
    expect((await check()).same).toBe(true);
  });

  it('pages by unit and stays within the jurisdiction', async () => {
    const variables = { under: '140000', tier: 'COUNTY', year: 2025, first: 1 };
    const first = (await ask(province, officer('140000'), SUMMARY, variables)).data;
    const { hasNextPage, endCursor: after } = first.complianceSummary.pageInfo;
    expect(hasNextPage).toBe(true);
    const next = (await ask(province, officer('140000'), SUMMARY, { ...variables, after })).data;
    expect(next.complianceSummary.nodes[0].unit.code).toBe(OTHER_COUNTY);
    const foreign = { under: COUNTY, tier: 'COUNTY', year: 2025 };
    expect((await ask(province, officer(OTHER_COUNTY ?? ''), SUMMARY, foreign)).code).toBe(
      'NOT_FOUND',
    );
    expect([...(await summary({}, COUNTY)).keys()]).toEqual([COUNTY]);
  });
});

it('finds no unit beyond the actor, whatever it is asked for', async () => {
  const { db, clock } = province;
  const context = testContext({ service: 'hours', db, actor: officer(COUNTY ?? ''), now: clock });
  const filter = { under: '140000', tier: 'COUNTY', year: 2025, kind: 'YEAR', dimension: 'STAGE' };
  const { nodes } = await unitSummaries(context, filter, { limit: 50, after: null });
  expect(nodes.map(({ unitCode }) => unitCode)).toEqual([COUNTY]);
});

describe('the view standings', () => {
  it('finds what is wrong by digest, and mends it', async () => {
    const { db } = province;
    const { same, rows } = await check();
    expect(same).toBe(true);
    expect(rows.every((count) => count > 0)).toBe(true);
    const wrong = [
      'UPDATE yearly_compliance SET centihours = centihours + 1 WHERE year = 2025',
      `UPDATE yearly_compliance SET changed_at = NULL
       WHERE (teacher_id, year) IN (SELECT teacher_id, year FROM hour_entry)`,
      'DELETE FROM cycle_compliance',
      'UPDATE compliance_rollup SET teachers = teachers + 1 WHERE unit_code = $1',
    ];
    for (const statement of wrong) {
      await db.query(statement, statement.includes('$1') ? [COUNTY] : []);
      expect([statement, (await check()).same]).toEqual([statement, false]);
      expect((await check(false)).same).toBe(false);
      expect([statement, (await check()).same]).toEqual([statement, true]);
    }
  });

  it('agrees after random postings, transfers and folds', async () => {
    const ids = [];
    for (let n = 0; n < 6; n += 1) ids.push(await hire(province, { hiredOn: `202${n}-05-20` }));
    for (const [n, id] of ids.entries()) {
      await complete(province, participation(id, days(`202${n % 5}-12-30`, 4, 90 * (n + 1))));
      if (n % 2) await transfer(id, '2025-03-10', OTHER_SCHOOL);
      if (n % 3 === 0) await fold(province.db);
    }
    expect((await check()).same).toBe(true);
  });

  it('agrees when something is posted in a year before the years have been opened', async () => {
    const { clock, db } = province;
    const id = await hire(province);
    const before = clock.now;
    clock.now = new Date('2027-03-01T04:00:00Z');
    await complete(province, participation(id, days('2027-01-10', 2, 360)));
    clock.now = before;
    const rows: { year: number; posted: boolean }[] = await db.query(
      `SELECT year, changed_at IS NOT NULL AS posted FROM yearly_compliance
       WHERE teacher_id = $1 AND year > 2024 ORDER BY year`,
      [id],
    );
    expect(rows).toEqual([
      { year: 2025, posted: false },
      { year: 2026, posted: false },
      { year: 2027, posted: true },
    ]);
    expect((await check()).same).toBe(true);
  });
});
