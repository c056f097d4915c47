import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { teacherTransferred } from '@yanxiu/contracts/personnel';
import { deliver } from '@yanxiu/testkit/events';
import { testContext } from '@yanxiu/testkit/context';
import { VALUES } from '../testing/policies.js';
import { populate } from '../testing/population.js';
import { ask, officer, teacher } from '../testing/graph.js';
import {
  OTHER_SCHOOL,
  SCHOOL,
  newId,
  publishPolicy,
  recompute,
  startProvince,
  type Province,
} from '../testing/province.js';
import type { NewVersion } from '../policy/rules.js';
import { readOnly, simulate } from './queries.js';

const YEAR = 2025;
const [COUNTY, OTHER_COUNTY] = ['140403', '140404'];

let province: Province;
const ids: string[] = [];

const change = (key: string, value: unknown, more: Partial<NewVersion> = {}): NewVersion => ({
  ...{ key, value, validFrom: '2025-01-01', validTo: null, scopeCode: null },
  ...more,
});

const simulated = (changes: NewVersion[], scope = '140000') => {
  const { db, clock } = province;
  const context = testContext({ service: 'hours', db, actor: officer('140000'), now: clock });
  return simulate(context, { changes, scope, year: YEAR });
};

let version = 1;

/** Publishes the changes, one after another, and waits until all is decided anew. */
async function publish(changes: readonly NewVersion[]): Promise<void> {
  for (const { key, value, ...when } of changes) {
    version += 1;
    await publishPolicy(province, key, value, { version, ...when });
  }
  await recompute(province);
}

/** Publishes what holds in the beginning, for the same places and times. */
const takeBack = (changes: readonly NewVersion[]) =>
  publish(changes.map(({ key, ...rest }) => ({ ...rest, key, value: VALUES[key] })));

interface Kept {
  teacherId: string;
  centihours: number;
  required: number | null;
  verdict: string;
}

const kept = (): Promise<Kept[]> =>
  province.db.query(
    `SELECT teacher_id AS "teacherId", centihours, required_centihours AS required, verdict
     FROM yearly_compliance WHERE year = ${YEAR} AND unit_code IS NOT NULL ORDER BY teacher_id`,
  );

/** What every table holds. */
async function contents(): Promise<Record<string, string>> {
  const tables: { name: string }[] = await province.db.query(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1`,
  );
  const digests: [string, string][] = [];
  for (const { name } of tables) {
    const rows: { digest: string }[] = await province.db
      .query(
        `SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '')
         AS digest FROM ${name} t`,
      )
      .catch(() => []);
    digests.push([name, rows[0]?.digest ?? 'not readable']);
  }
  return Object.fromEntries(digests);
}

beforeAll(async () => {
  province = await startProvince();
  ids.push(...(await populate(province)));
});
afterAll(() => province.stop());

const CASES: [string, NewVersion[]][] = [
  ['a target of 80 hours', [change('hours.basic.annual', 8_000)]],
  ['a cap of 6 hours a day', [change('hours.dayCap', 600)]],
  [
    'a cap on school-based hours',
    [change('hours.sourceCaps', [{ source: 'SCHOOL_BASED', period: 'YEAR', max: 500 }])],
  ],
  ['a stricter rule of absence', [change('hours.maxAbsenceShare', 10)]],
  [
    'a target of one county, after the summer',
    [change('hours.basic.annual', 6_000, { validFrom: '2025-09-01', scopeCode: COUNTY })],
  ],
  [
    'several at once',
    [
      change('hours.minutesPerHour', 60, { scopeCode: OTHER_COUNTY }),
      change('hours.vocational.annual', 4_000),
      change('hours.higher.annual', 4_000, { scopeCode: '140000801' }),
      change('hours.proration', 'NONE', { scopeCode: '140400' }),
    ],
  ],
];

describe('simulatePolicy', () => {
  it.each(CASES)('says of %s what a publication then gives', async (_, changes) => {
    const before = await kept();
    const contentsBefore = await contents();
    const { counts, changed: told, changedDecisions } = await simulated(changes);
    expect(await contents()).toEqual(contentsBefore);
    expect(counts.all.teachers).toBe(ids.length);
    expect(counts.all.changed).toBeGreaterThanOrEqual(Math.ceil(ids.length / 100));
    await publish(changes);
    const after = await kept();
    const changed = after.filter(({ verdict }, index) => verdict !== before[index]?.verdict);
    expect(
      told.map((each) => ({
        teacherId: each.teacherId,
        centihours: each.centihoursAfter,
        required: each.requiredAfter,
        verdict: each.after,
      })),
    ).toEqual(changed);
    const count = (rows: Kept[], verdict: string) =>
      rows.filter((row) => row.verdict === verdict).length;
    for (const verdict of ['MET', 'SHORT', 'NOT_REGULATED', 'EXEMPT'] as const) {
      expect(counts.all.before[verdict]).toBe(count(before, verdict));
      expect(counts.all.after[verdict]).toBe(count(after, verdict));
    }
    const rows: { decisions: number }[] = await province.db.query(
      `SELECT sum(changed_decisions)::int AS decisions FROM policy_recomputation
       WHERE version > $1`,
      [version - changes.length],
    );
    expect(rows[0]?.decisions).toBe(changedDecisions);
    await takeBack(changes);
    expect((await kept()).map(({ verdict }) => verdict)).toEqual(
      before.map(({ verdict }) => verdict),
    );
  });

  it('equals a publication for any change', async () => {
    const changes = fc.oneof(
      fc.integer({ min: 0, max: 1_000 }).map((value) => change('hours.dayCap', value)),
      fc.integer({ min: 0, max: 100 }).map((value) => change('hours.maxAbsenceShare', value)),
      fc
        .tuple(
          fc.integer({ min: 0, max: 12_000 }),
          fc.option(fc.constantFrom(COUNTY ?? '', OTHER_COUNTY ?? '', '140400')),
        )
        .map(([value, scopeCode]) => change('hours.basic.annual', value, { scopeCode })),
      fc
        .tuple(
          fc.constantFrom('PARTICIPATION', 'SCHOOL_BASED'),
          fc.constantFrom('DAY', 'YEAR', 'CYCLE'),
          fc.integer({ min: 0, max: 3_000 }),
        )
        .map(([source, period, max]) => change('hours.sourceCaps', [{ source, period, max }])),
      fc
        .shuffledSubarray(['NATIONAL', 'PROVINCIAL', 'CITY', 'COUNTY', 'SCHOOL'], { minLength: 5 })
        .map((ranks) => change('hours.registrarRank', ranks)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 3 }), async (list) => {
        const before = new Map((await kept()).map((row) => [row.teacherId, row]));
        const { changed } = await simulated(list);
        await publish(list);
        const expected = new Map(changed.map((each) => [each.teacherId, each.after]));
        for (const { teacherId, verdict } of await kept()) {
          expect(verdict).toBe(expected.get(teacherId) ?? before.get(teacherId)?.verdict);
        }
      }),
      { numRuns: 8 },
    );
    await takeBack(CASES.flatMap(([, list]) => list).map((each) => ({ ...each, scopeCode: null })));
  }, 120_000);

  it('lets nothing be written: the database refuses', async () => {
    await expect(
      readOnly(province.db, (manager) =>
        manager.query('UPDATE yearly_compliance SET centihours = 0'),
      ),
    ).rejects.toThrow(/read-only transaction/);
  });

  it('refuses more than can be tried in time', async () => {
    const { db, clock } = province;
    const context = testContext({ service: 'hours', db, actor: officer('140000'), now: clock });
    const asked = { changes: [change('hours.dayCap', 600)], scope: '140000', year: YEAR };
    const tried = (limits: { budgetMs: number; atOnce: number }) =>
      simulate(context, asked, limits).then(
        ({ counts }) => counts.all.teachers,
        (error: { extensions: { code: string; rule: string } }) => error.extensions,
      );
    expect(await tried({ budgetMs: -1, atOnce: 7 })).toEqual({
      ...{ code: 'LIMIT_EXCEEDED', rule: 'SIMULATION-SIZE' },
    });
    expect(await tried({ budgetMs: 60_000, atOnce: 7 })).toBe(ids.length);
    const three = [1, 2, 3].map(() => tried({ budgetMs: 60_000, atOnce: 7 }));
    expect((await Promise.all(three)).at(-1)).toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('who may try what out', () => {
  const QUERY = `query ($changes: [SimulatedPolicyInput!]!, $scope: ID!, $after: String) {
    simulatePolicy(changes: $changes, scope: $scope, year: ${YEAR}) {
      all { teachers changed before { met short notRegulated exempt } }
      byArea { unit { code } count { teachers changed } }
      bySector { sector count { teachers } }
      changedTeachers(first: 3, after: $after) {
        nodes { teacher { id } before after requiredBefore requiredAfter totalAfter }
        pageInfo { hasNextPage endCursor } } } }`;
  const changes = [{ key: 'hours.basic.annual', value: 0, validFrom: '2025-01-01' }];

  it('counts by county and by sector, and pages through who changes', async () => {
    const variables = { changes, scope: '140000', after: null as string | null };
    const seen: string[] = [];
    for (;;) {
      const { data } = await ask(province, officer('140000'), QUERY, variables);
      const { all, byArea, bySector, changedTeachers } = data.simulatePolicy;
      expect(all).toMatchObject({ teachers: 40, before: { notRegulated: 4 } });
      expect(byArea.map((each: { unit: { code: string } }) => each.unit.code)).toEqual([
        ...['140000', '140400', '140403', '140404'],
      ]);
      expect(bySector).toEqual([
        { sector: 'BASIC', count: { teachers: 28 } },
        { sector: 'HIGHER', count: { teachers: 4 } },
        { sector: 'VOCATIONAL', count: { teachers: 8 } },
      ]);
      for (const { teacher: who, before, after, requiredAfter } of changedTeachers.nodes) {
        expect({ before, after, requiredAfter }).toEqual({
          ...{ before: 'SHORT', after: 'MET', requiredAfter: '0.00' },
        });
        seen.push(who.id);
      }
      if (!changedTeachers.pageInfo.hasNextPage) {
        expect(seen).toHaveLength(all.changed);
        break;
      }
      variables.after = changedTeachers.pageInfo.endCursor;
    }
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('keeps to the jurisdiction and to who may see records', async () => {
    const code = async (who: Parameters<typeof ask>[1], scope: string) =>
      (await ask(province, who, QUERY, { changes, scope })).code;
    expect(await code(officer(COUNTY ?? ''), COUNTY ?? '')).toBeUndefined();
    expect(await code(officer(COUNTY ?? ''), '140000')).toBe('NOT_FOUND');
    expect(await code(officer(COUNTY ?? ''), OTHER_COUNTY ?? '')).toBe('NOT_FOUND');
    expect(await code(teacher(newId()), COUNTY ?? '')).toBe('FORBIDDEN');
    expect(await code({ ...officer('140000'), role: 'FINANCE' }, COUNTY ?? '')).toBe('FORBIDDEN');
    expect(await code(null, COUNTY ?? '')).toBe('UNAUTHENTICATED');
  });

  it('counts who has moved away since, and leaves her to her new county', async () => {
    const [moved = ''] = ids;
    const asked = () =>
      ask(province, officer(COUNTY ?? ''), QUERY.replace('first: 3', 'first: 100'), {
        changes: changes.map((each) => ({ ...each, validFrom: '2025-12-01', scopeCode: COUNTY })),
        scope: COUNTY,
      });
    const listed = (answer: Awaited<ReturnType<typeof ask>>) =>
      answer.data.simulatePolicy.changedTeachers.nodes.map(
        (node: { teacher: { id: string } }) => node.teacher.id,
      );
    await publish([
      change('hours.basic.annual', 20_000, { validFrom: '2025-12-01', scopeCode: COUNTY ?? '' }),
    ]);
    const before = await asked();
    expect(listed(before)).toContain(moved);
    province.clock.now = new Date('2026-02-01T04:00:00Z');
    await deliver(province.inbox, teacherTransferred, moved, {
      ...{ teacherId: moved, fromUnitCode: SCHOOL, toUnitCode: OTHER_SCHOOL },
      ...{ sector: 'BASIC', stage: 'PRIMARY', on: '2026-01-15' },
    });
    const after = await asked();
    expect(after.data.simulatePolicy.all).toEqual(before.data.simulatePolicy.all);
    expect(listed(after)).toEqual(listed(before).filter((id: string) => id !== moved));
  });

  it.each([
    ['a parameter that is none', { key: 'hours.unknown', value: 1 }, 'POLICY-KEY'],
    ['one that decides on no hours', { key: 'hours.claims', value: {} }, 'POLICY-KEY'],
    ['a value of another shape', { value: 'many' }, 'POLICY-VALUE'],
    ['an end before its beginning', { validTo: '2024-12-31' }, 'POLICY-DATES'],
  ])('refuses %s', async (_, more, rule) => {
    const variables = { changes: [{ ...changes[0], ...more }], scope: '140000' };
    expect((await ask(province, officer('140000'), QUERY, variables)).rule).toBe(rule);
  });

  it('refuses no changes at all, and a place that does not exist', async () => {
    const asked = (list: object[]) =>
      ask(province, officer('140000'), QUERY, { changes: list, scope: '140000' });
    expect((await asked([])).rule).toBe('SIMULATION-CHANGES');
    expect((await asked([{ ...changes[0], scopeCode: '999999' }])).code).toBe('BAD_USER_INPUT');
  });
});
