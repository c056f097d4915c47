import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSeeded } from '@yanxiu/testkit/seeded';
import type { System } from '@yanxiu/testkit/system';
import { until } from '@yanxiu/testkit/waiting';

const TODAY = '2026-09-10';
const [ROOT, YEAR] = ['140000', 2025];

let system: System;
let first: string;
let second: string;

beforeAll(async () => {
  system = await startSeeded({ today: TODAY });
  first = await system.token('province-officer');
  second = await system.token('province-officer', { n: 2 });
});
afterAll(() => system?.stop());

/** What is answered; an error is thrown. */
async function ask<T>(query: string, variables: object = {}, token = first): Promise<T> {
  const { data, errors } = await system.gql<T>(query, { ...variables }, token);
  if (errors || !data) throw new Error(JSON.stringify(errors));
  return data;
}

type Verdict = 'met' | 'short' | 'notRegulated' | 'exempt';
type Counts = Record<Verdict, number>;
interface Count {
  teachers: number;
  changed: number;
  before: Counts;
  after: Counts;
}
interface Changed {
  teacher: { id: string; hours: { verdict: string } | null };
  before: string;
  after: string;
}
interface Simulation {
  all: Count;
  byArea: { unit: { code: string }; count: Count }[];
  changedDecisions: number;
  changedTeachers: { nodes: Changed[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
}

interface Change {
  key: string;
  value: number;
  validFrom: string;
  scopeCode?: string;
}

const COUNTS = 'teachers changed before { ...V } after { ...V }';
const SIMULATE = `query ($changes: [SimulatedPolicyInput!]!, $after: String) {
    simulatePolicy(changes: $changes, scope: "${ROOT}", year: ${YEAR}) {
      all { ${COUNTS} } byArea { unit { code } count { ${COUNTS} } } changedDecisions
      changedTeachers(first: 200, after: $after) {
        nodes { teacher { id hours(year: ${YEAR}) { verdict } } before after }
        pageInfo { hasNextPage endCursor } } } }
  fragment V on VerdictCounts { met short notRegulated exempt }`;

/** The simulation with all pages of who would change. */
async function simulate(change: Change): Promise<Simulation & { changed: Changed[] }> {
  const changed: Changed[] = [];
  let after: string | null = null;
  for (;;) {
    const variables: object = { changes: [change], after };
    const answer = await ask<{ simulatePolicy: Simulation }>(SIMULATE, variables);
    const page = answer.simulatePolicy;
    changed.push(...page.changedTeachers.nodes);
    const { pageInfo } = page.changedTeachers;
    if (!pageInfo.hasNextPage) return { ...page, changed };
    after = pageInfo.endCursor;
  }
}

/** Verdicts of the year by county as they are kept and counted. */
async function summary(): Promise<Map<string, Counts>> {
  interface Row {
    unit: { code: string };
    counts: (Counts & { value: string })[];
  }
  const { complianceSummary } = await ask<{ complianceSummary: { nodes: Row[] } }>(
    `{ complianceSummary(under: "${ROOT}", tier: COUNTY, year: ${YEAR}, first: 200) {
       nodes { unit { code } counts { value met short notRegulated exempt } } } }`,
  );
  const sum = (rows: Counts[], verdict: Verdict) =>
    rows.reduce((total, row) => total + row[verdict], 0);
  return new Map(
    complianceSummary.nodes.map(({ unit, counts }) => [
      unit.code,
      {
        met: sum(counts, 'met'),
        short: sum(counts, 'short'),
        notRegulated: sum(counts, 'notRegulated'),
        exempt: sum(counts, 'exempt'),
      },
    ]),
  );
}

async function draft(change: Change): Promise<string> {
  const input = {
    ...change,
    ...{ instrument: '晋教师〔2023〕4号', article: '三（一）1', quotation: '5年一周期' },
  };
  const { draftPolicy } = await ask<{ draftPolicy: { draft: { id: string } } }>(
    'mutation ($input: DraftPolicyInput!) { draftPolicy(input: $input) { draft { id } } }',
    { input },
  );
  return draftPolicy.draft.id;
}

const PUBLISH = `mutation ($id: ID!) {
  publishPolicy(input: { draftId: $id }) { policy { key version } } }`;

interface Recomputation {
  key: string;
  version: number;
  state: string;
  total: number | null;
  done: number;
  changedDecisions: number;
}

/** Waits until a published version has been worked off in hours. */
const recomputed = (key: string, version: number): Promise<Recomputation> =>
  until(
    async () => {
      const { policyRecomputations } = await ask<{
        policyRecomputations: { nodes: Recomputation[] };
      }>(`{ policyRecomputations(first: 20) {
            nodes { key version state total done changedDecisions } } }`);
      return policyRecomputations.nodes.find(
        (each) => each.key === key && each.version === version && each.state === 'DONE',
      );
    },
    { timeoutMs: 120_000, everyMs: 200, message: `the recomputation of ${key}@${version}` },
  );

/** Areas of counties alone: schools of cities and of the province are counted there above. */
const counties = ({ byArea }: Simulation): [string, Count][] =>
  byArea
    .filter(({ unit }) => !unit.code.endsWith('00'))
    .map(({ unit, count }) => [unit.code, count]);

describe('a parameter is changed', () => {
  it.each<[string, Change]>([
    ['the hours asked', { key: 'hours.basic.annual', value: 8_000, validFrom: `${YEAR}-01-01` }],
    ['the cap of a day', { key: 'hours.dayCap', value: 400, validFrom: `${YEAR}-01-01` }],
    [
      'the hours asked in one county',
      {
        ...{ key: 'hours.basic.annual', value: 6_000, validFrom: `${YEAR}-06-01` },
        scopeCode: '140403',
      },
    ],
  ])('[R1] [R33] by two persons, and %s come out as was simulated', async (_, change) => {
    const simulation = await simulate(change);
    const { all, changed } = simulation;
    expect(changed).toHaveLength(all.changed);
    expect(all.changed).toBeGreaterThanOrEqual(all.teachers / 100);
    for (const { teacher, before } of changed) expect(teacher.hours?.verdict).toBe(before);
    const before = await summary();
    for (const [code, count] of counties(simulation)) {
      expect([code, before.get(code)]).toEqual([code, count.before]);
    }

    const id = await draft(change);
    const { errors } = await system.gql(PUBLISH, { id }, first);
    expect(errors?.[0]?.extensions).toMatchObject({ rule: 'POLICY-TWO-PERSONS' });
    const { publishPolicy } = await ask<{
      publishPolicy: { policy: { key: string; version: number } };
    }>(PUBLISH, { id }, second);
    const { key, version } = publishPolicy.policy;
    const done = await recomputed(key, version);
    expect(done.done).toBe(done.total);
    expect(done.changedDecisions).toBe(simulation.changedDecisions);

    // The counts are folded a moment later.
    await until(
      async () => {
        const after = await summary();
        return counties(simulation).every(
          ([code, count]) => JSON.stringify(after.get(code)) === JSON.stringify(count.after),
        );
      },
      { timeoutMs: 60_000, message: 'the counts of verdicts' },
    );
    // The same once more changes nothing: what is kept is what was simulated.
    const again = await simulate(change);
    expect(again.all).toMatchObject({ changed: 0, before: all.after, after: all.after });
    expect(again.changedDecisions).toBe(0);
  });
});
