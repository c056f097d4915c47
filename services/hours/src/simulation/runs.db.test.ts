import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testContext, testEnvironment } from '@yanxiu/testkit/context';
import type { Actor } from '@yanxiu/subgraph/actor';
import type { NewVersion } from '../policy/rules.js';
import { ask, officer, teacher } from '../testing/graph.js';
import { populate } from '../testing/population.js';
import { newId, publishPolicy, startProvince, type Province } from '../testing/province.js';
import { advance } from './job.js';
import { simulate } from './queries.js';

const YEAR = 2025;
const [COUNTY, OTHER_COUNTY] = ['140403', '140404'];
const AT_ONCE = 7;

let province: Province;
let teachers = 0;

beforeAll(async () => {
  province = await startProvince();
  teachers = (await populate(province)).length;
});
afterAll(() => province.stop());

const CHANGES: NewVersion[] = [
  { key: 'hours.dayCap', value: 300, validFrom: '2025-01-01', validTo: null, scopeCode: null },
  {
    ...{ key: 'hours.basic.annual', value: 4_000, validFrom: '2025-01-01', validTo: null },
    scopeCode: COUNTY ?? '',
  },
];

const FIELDS = `id state total done changedDecisions unit { code } year
  changes { key value scope { code } } all { teachers changed after { met short } }
  byArea { unit { code } count { teachers changed } } bySector { sector count { changed } }`;
const START = `mutation ($input: StartSimulationInput!) {
  startSimulation(input: $input) { run { ${FIELDS} } } }`;

const start = (actor: Actor | null, scope = '140000', more: object = {}) =>
  ask(province, actor, START, { input: { changes: CHANGES, scope, year: YEAR, ...more } });

const runOf = async (actor: Actor, id: string) =>
  ask(province, actor, `{ simulationRun(id: "${id}") { ${FIELDS} } }`);

const step = (atOnce = AT_ONCE) => advance(province.db, testEnvironment(province.clock), atOnce);

async function finish(): Promise<void> {
  while (await step()) {
    // Until nothing is open.
  }
}

const simulated = () =>
  simulate(
    testContext({
      ...{ service: 'hours', db: province.db, actor: officer('140000'), now: province.clock },
    }),
    { changes: CHANGES, scope: '140000', year: YEAR },
  );

describe('a simulation in the background', () => {
  it('says step by step what simulatePolicy says at once, and writes nothing else', async () => {
    const entries = () =>
      province.db.query(
        `SELECT (SELECT count(*) FROM hour_entry) AS entries, (SELECT count(*) FROM outbox) AS events,
           (SELECT md5(string_agg(y::text, ',' ORDER BY teacher_id, year)) FROM yearly_compliance y)
             AS verdicts`,
      );
    const before = await entries();
    const { data } = await start(officer('140000'));
    const { id, state, done, total } = data.startSimulation.run;
    expect({ state, done, total }).toEqual({ state: 'WAITING', done: 0, total: null });
    await step();
    await step();
    const half = (await runOf(officer('140000'), id)).data.simulationRun;
    expect(half).toMatchObject({ state: 'RUNNING', total: teachers, done: AT_ONCE });
    expect(half.all.teachers).toBe(AT_ONCE);
    await finish();
    const run = (await runOf(officer('140000'), id)).data.simulationRun;
    const { counts, changedDecisions } = await simulated();
    expect(run).toMatchObject({ state: 'DONE', total: teachers, done: teachers, changedDecisions });
    expect(changedDecisions).toBeGreaterThan(0);
    expect(run.all).toEqual({
      ...{ teachers, changed: counts.all.changed },
      after: { met: counts.all.after.MET, short: counts.all.after.SHORT },
    });
    expect(run.all.changed).toBeGreaterThan(0);
    expect(run.byArea.map((each: { unit: { code: string } }) => each.unit.code)).toEqual(
      Object.keys(counts.areas).sort(),
    );
    expect(run.changes[1]).toEqual({
      ...{ key: 'hours.basic.annual', value: 4_000, scope: { code: COUNTY } },
    });
    expect(await entries()).toEqual(before);
  });

  it('loses no more than a step when it is cut off, and counts nobody twice', async () => {
    const { data } = await start(officer('140000'));
    const { id } = data.startSimulation.run;
    await step();
    await step();
    const cutOff = province.db.transaction(async (manager) => {
      const within = Object.assign(Object.create(province.db) as typeof province.db, {
        transaction: (work: (of: typeof manager) => Promise<unknown>) => work(manager),
      });
      await advance(within, testEnvironment(province.clock), AT_ONCE);
      throw new Error('the process dies');
    });
    await expect(cutOff).rejects.toThrow('the process dies');
    expect((await runOf(officer('140000'), id)).data.simulationRun.done).toBe(AT_ONCE);
    await finish();
    const { all, done } = (await runOf(officer('140000'), id)).data.simulationRun;
    expect([done, all.teachers]).toEqual([teachers, teachers]);
  });

  it('begins anew when a parameter is published meanwhile', async () => {
    const { data } = await start(officer('140000'));
    const { id } = data.startSimulation.run;
    await step();
    await step();
    await publishPolicy(province, 'hours.higher.annual', 4_000, { version: 2 });
    await step();
    expect((await runOf(officer('140000'), id)).data.simulationRun).toMatchObject({
      ...{ state: 'RUNNING', done: 0, all: { teachers: 0 } },
    });
    await finish();
    const { all } = (await runOf(officer('140000'), id)).data.simulationRun;
    expect(all).toMatchObject({ changed: (await simulated()).counts.all.changed });
  });

  it('is one run for one idempotency key', async () => {
    const key = { idempotencyKey: newId() };
    const [first, again] = [
      await start(officer('140000'), '140000', key),
      await start(officer('140000'), '140000', key),
    ];
    expect(again.data.startSimulation.run.id).toBe(first.data.startSimulation.run.id);
    await finish();
  });

  it('keeps to the jurisdiction, in starting and in reading', async () => {
    const { data } = await start(officer(COUNTY ?? ''), COUNTY);
    const { id } = data.startSimulation.run;
    expect((await start(officer(COUNTY ?? ''), '140000')).code).toBe('FORBIDDEN');
    expect((await start(officer(COUNTY ?? ''), OTHER_COUNTY)).code).toBe('FORBIDDEN');
    expect((await start({ ...officer('140000'), role: 'AUDITOR' })).code).toBe('FORBIDDEN');
    expect((await start(teacher(newId()), COUNTY)).code).toBe('FORBIDDEN');
    expect((await start(null)).code).toBe('UNAUTHENTICATED');
    expect((await runOf(officer('140400'), id)).data.simulationRun.id).toBe(id);
    expect((await runOf(officer(OTHER_COUNTY ?? ''), id)).code).toBe('NOT_FOUND');
    expect((await runOf(teacher(newId()), id)).code).toBe('FORBIDDEN');
    const list = async (unit: string): Promise<string[]> => {
      const answer = await ask(province, officer(unit), '{ simulationRuns { nodes { id } } }');
      return answer.data.simulationRuns.nodes.map((node: { id: string }) => node.id);
    };
    expect(await list(COUNTY ?? '')).toEqual([id]);
    expect(await list(OTHER_COUNTY ?? '')).toEqual([]);
    expect((await list('140000')).length).toBeGreaterThan(1);
    await finish();
  });

  it.each([
    ['a parameter that decides on no hours', { key: 'hours.claims', value: {} }, 'POLICY-KEY'],
    ['a value of another shape', { value: 'many' }, 'POLICY-VALUE'],
    ['an end before its beginning', { validTo: '2024-12-31' }, 'POLICY-DATES'],
  ])('refuses %s', async (_, more, rule) => {
    const changes = [{ ...CHANGES[0], ...more }];
    expect((await start(officer('140000'), '140000', { changes })).rule).toBe(rule);
  });

  it('refuses an eleventh while ten are not over', async () => {
    for (let n = 0; n < 10; n += 1) await start(officer('140000'));
    expect((await start(officer('140000'))).rule).toBe('SIMULATION-BUSY');
    await finish();
    expect((await start(officer('140000'))).rule).toBeUndefined();
  });
});
