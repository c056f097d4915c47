import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  orgUnitMoved,
  orgUnitRegistered,
  teacherChanged,
  teacherTransferred,
} from '@yanxiu/contracts/personnel';
import type { ParticipationCompleted } from '@yanxiu/contracts/training';
import { withTx } from '@yanxiu/messaging/transaction';
import { testEnvironment } from '@yanxiu/testkit/context';
import { deliver } from '@yanxiu/testkit/events';
import { until } from '@yanxiu/testkit/waiting';
import { decide } from '../recognition/decide.js';
import type { StoredCause } from '../recognition/store.js';
import { openYears } from '../rollup/walk.js';
import { ask, officer, platform, teacher } from '../testing/graph.js';
import {
  OTHER_SCHOOL,
  SCHOOL,
  complete,
  days,
  hire,
  newId,
  participation,
  publishPolicy,
  recompute,
  session,
  startProvince,
  type Province,
} from '../testing/province.js';
import type { RecomputerArguments } from '../testing/recomputer.js';
import { advance, recomputeAll } from './job.js';

let province: Province;
beforeAll(async () => {
  province = await startProvince();
});
afterAll(() => province.stop());

const versions = new Map<string, number>();

/** Publishes the next version of a parameter; its number. */
async function publish(
  key: string,
  value: unknown,
  more: { validFrom?: string; validTo?: string; scopeCode?: string } = {},
  to = province,
): Promise<number> {
  const version = (versions.get(key) ?? 1) + 1;
  versions.set(key, version);
  await publishPolicy(to, key, value, { version, validFrom: '2025-01-01', ...more });
  return version;
}

interface Progress {
  total: number | null;
  done: number;
  changed_decisions: number;
  changed_verdicts: number;
  finished: boolean;
}

async function progressOf(key: string, version: number): Promise<Progress | undefined> {
  const rows: Progress[] = await province.db.query(
    `SELECT total, done, changed_decisions, changed_verdicts, finished_at IS NOT NULL AS finished
     FROM policy_recomputation WHERE key = $1 AND version = $2`,
    [key, version],
  );
  return rows[0];
}

/** Types of the events about a teacher since `seq`, oldest first. */
async function eventsSince(seq: number, teacherId: string): Promise<string[]> {
  const rows: { type: string }[] = await province.db.query(
    `SELECT envelope ->> 'type' AS type FROM outbox
     WHERE seq > $1 AND envelope -> 'data' ->> 'teacherId' = $2 AND topic NOT LIKE '%.state'
     ORDER BY seq`,
    [seq, teacherId],
  );
  return rows.map(({ type }) => type.replace('cn.yanxiu.hours.', ''));
}

const lastSeq = async (): Promise<number> => {
  const rows: { seq: number }[] = await province.db.query(
    'SELECT coalesce(max(seq), 0)::int AS seq FROM outbox',
  );
  return rows[0]?.seq ?? 0;
};

/** A teacher with so many days of so many minutes in 2025. */
async function trained(count: number, minutes: number, unitCode?: string): Promise<string> {
  const teacherId = await hire(province, unitCode ? { unitCode } : {});
  await complete(
    province,
    participation(teacherId, days('2025-03-01', count, minutes), unitCode ? { unitCode } : {}),
  );
  return teacherId;
}

const yearOf = async (teacherId: string, year = 2025) => {
  const rows: { centihours: number; verdict: string; version: number }[] = await province.db.query(
    `SELECT centihours, verdict, policy_version AS version FROM yearly_compliance
     WHERE teacher_id = $1 AND year = $2`,
    [teacherId, year],
  );
  return rows[0];
};

/** All decisions on a teacher's causes and what each posted, in their order. */
const decisionsOf = (teacherId: string) =>
  province.db.query(
    `SELECT d.sequence, d.supersedes, d.rule, d.credited_minutes AS minutes,
       (SELECT json_agg(e.centihours ORDER BY e.turn) FROM hour_entry e
        WHERE e.teacher_id = d.teacher_id AND e.cause_id = d.cause_id
          AND e.decision_sequence = d.sequence) AS entries
     FROM recognition_decision d WHERE d.teacher_id = $1 ORDER BY d.cause_id, d.sequence`,
    [teacherId],
  );

describe('a published requirement', () => {
  it('judges the years that end in its time and place, and tells of what changed alone', async () => {
    const [short, met, elsewhere] = [
      await trained(10, 360),
      await trained(12, 360),
      await trained(10, 360, OTHER_SCHOOL),
    ];
    expect(await yearOf(short)).toMatchObject({ centihours: 8_000, verdict: 'MET', version: 1 });
    const [key, scopeCode] = ['hours.basic.annual', '140403'];
    const seq = await lastSeq();
    const version = await publish(key, 9_000, { scopeCode });
    expect(await yearOf(short)).toMatchObject({ verdict: 'MET', version: 1 });
    await recompute(province);
    expect(await yearOf(short)).toMatchObject({ verdict: 'SHORT', version });
    expect(await yearOf(met)).toMatchObject({ centihours: 9_600, verdict: 'MET', version });
    expect(await yearOf(elsewhere)).toMatchObject({ verdict: 'MET', version: 1 });
    expect(await eventsSince(seq, short)).toEqual(['compliance.changed.v1']);
    expect(await eventsSince(seq, met)).toEqual([]);
    expect(await progressOf(key, version)).toEqual({
      ...{ total: 2, done: 2, changed_decisions: 0, changed_verdicts: 1, finished: true },
    });
    await publish(key, 7_200, { scopeCode });
    await recompute(province);
    expect(await yearOf(short)).toMatchObject({ verdict: 'MET', version: version + 1 });
  });

  it('tells of a year that it judges otherwise, though another was posted in before', async () => {
    const teacherId = await trained(9, 360);
    await complete(province, participation(teacherId, days('2024-03-01', 9, 360)));
    const reach = { scopeCode: '140403', validFrom: '2024-01-01', validTo: '2024-12-31' };
    const seq = await lastSeq();
    const version = await publish('hours.basic.annual', 9_000, reach);
    await complete(province, participation(teacherId, days('2025-04-01', 1, 45)));
    expect(await yearOf(teacherId)).toMatchObject({ centihours: 7_300, verdict: 'MET' });
    expect(await yearOf(teacherId, 2024)).toMatchObject({ verdict: 'MET', version: 1 });
    await recompute(province);
    expect(await yearOf(teacherId, 2024)).toMatchObject({ verdict: 'SHORT', version });
    expect(await eventsSince(seq, teacherId)).toEqual([
      'hours.credited.v1',
      'compliance.changed.v1',
    ]);
    expect(await progressOf('hours.basic.annual', version)).toMatchObject({ changed_verdicts: 1 });
    await publish('hours.basic.annual', 7_200, reach);
    await recompute(province);
  });

  it.each<[string, (teacherId: string) => Promise<unknown>]>([
    [
      'a transfer',
      (teacherId) =>
        deliver(province.inbox, teacherTransferred, teacherId, {
          ...{ teacherId, fromUnitCode: SCHOOL, toUnitCode: SCHOOL, on: '2025-05-01' },
          ...{ sector: 'BASIC', stage: 'PRIMARY' },
        }),
    ],
    [
      'another subject',
      (teacherId) =>
        deliver(province.inbox, teacherChanged, teacherId, {
          ...{ teacherId, stage: 'PRIMARY', subject: '数学', ladder: 'YOUNG', roles: [] },
          from: '2025-05-01',
        }),
    ],
    [
      'a year that begins',
      async () => {
        const before = province.clock.now;
        province.clock.now = new Date('2026-01-01T04:00:00Z');
        await openYears(province.db, testEnvironment(province.clock));
        province.clock.now = before;
      },
    ],
  ])('tells of a year that it judges otherwise, though %s comes before', async (_, come) => {
    const teacherId = await hire(province);
    await complete(province, participation(teacherId, days('2024-03-01', 9, 360)));
    const reach = { scopeCode: '140403', validFrom: '2024-01-01', validTo: '2024-12-31' };
    const seq = await lastSeq();
    const version = await publish('hours.basic.annual', 9_000, reach);
    await come(teacherId);
    await recompute(province);
    expect(await yearOf(teacherId, 2024)).toMatchObject({ verdict: 'SHORT', version });
    expect(await eventsSince(seq, teacherId)).toEqual(['compliance.changed.v1']);
    await publish('hours.basic.annual', 7_200, reach);
    await recompute(province);
  });

  it('judges whoever comes into its county with her school, and tells of it', async () => {
    const [code, parentCode] = ['140404077', '140404'];
    const unit = { code, name: 'x', tier: 'SCHOOL', sector: 'BASIC', stage: null } as const;
    const at = { validFrom: '2021-01-01' };
    await deliver(province.inbox, orgUnitRegistered, code, { ...unit, parentCode, ...at });
    const teacherId = await hire(province, { unitCode: code });
    await complete(province, participation(teacherId, days('2025-03-03', 9, 360)));
    const scopeCode = '140403';
    const version = await publish('hours.basic.annual', 9_000, { scopeCode });
    await recompute(province);
    const seq = await lastSeq();
    const moved = { code, parentCode: scopeCode, validFrom: '2025-06-01' };
    await deliver(province.inbox, orgUnitMoved, code, moved, 2);
    expect(await yearOf(teacherId)).toMatchObject({ verdict: 'SHORT', version });
    expect(await eventsSince(seq, teacherId)).toEqual(['compliance.changed.v1']);
    await publish('hours.basic.annual', 7_200, { scopeCode });
    await recompute(province);
  });

  it('asks nothing of years that end outside its time', async () => {
    const key = 'hours.vocational.annual';
    const version = await publish(key, 1, { validFrom: '2025-02-01', validTo: '2025-12-30' });
    await recompute(province);
    expect(await progressOf(key, version)).toMatchObject({ total: 0, finished: true });
  });

  it('has nothing to do for a first version, nor for one that decides on nothing', async () => {
    const count = () => province.db.query('SELECT key FROM policy_recomputation');
    const before = await count();
    await publishPolicy(province, 'hours.new', 1);
    await publish('hours.claims', { graceDays: 1 });
    await publishPolicy(province, 'training.scheme.practiceShareWarn', 1, { version: 2 });
    expect(await count()).toEqual(before);
  });
});

describe('a published cap', () => {
  it('[R110] supersedes decisions by ones that name them; both stay', async () => {
    const teacherId = await trained(2, 360);
    const before = await trained(1, 180);
    const seq = await lastSeq();
    const version = await publish('hours.dayCap', 600);
    await recompute(province);
    expect(await decisionsOf(teacherId)).toEqual([
      { sequence: 1, supersedes: null, rule: null, minutes: 720, entries: [1600] },
      { sequence: 2, supersedes: 1, rule: null, minutes: 540, entries: [-1600, 1200] },
    ]);
    expect(await yearOf(teacherId)).toMatchObject({ centihours: 1_200 });
    expect(await eventsSince(seq, teacherId)).toEqual(['hours.reversed.v1', 'hours.credited.v1']);
    const reasons: { reason: { en: string } }[] = await province.db.query(
      `SELECT envelope -> 'data' -> 'reason' AS reason FROM outbox
       WHERE seq > $1 AND envelope ->> 'type' LIKE '%reversed%'
         AND envelope -> 'data' ->> 'teacherId' = $2`,
      [seq, teacherId],
    );
    expect(reasons[0]?.reason.en).toContain(`Version ${version} of the parameter hours.dayCap`);
    expect(await decisionsOf(before)).toHaveLength(1);
    expect(await eventsSince(seq, before)).toEqual([]);
    const trace: { version: number }[] = await province.db.query(
      `SELECT (line ->> 3)::int AS version FROM recognition_decision d,
         json_array_elements(d.trace) AS line
       WHERE d.teacher_id = $1 AND d.sequence = 2 AND line ->> 0 = 'CAP'`,
      [teacherId],
    );
    expect(trace).toEqual([{ version }, { version }]);
    await publish('hours.dayCap', 800);
    await recompute(province);
    expect(await yearOf(teacherId)).toMatchObject({ centihours: 1_600 });
    expect(await decisionsOf(teacherId)).toHaveLength(3);
  });

  it('leaves causes from before its time as they are', async () => {
    const teacherId = await hire(province);
    await complete(province, participation(teacherId, days('2024-03-01', 1, 360)));
    await complete(province, participation(teacherId, days('2025-09-01', 1, 360)));
    await publish('hours.dayCap', 100, { validFrom: '2025-09-01' });
    await recompute(province);
    expect(await yearOf(teacherId, 2024)).toMatchObject({ centihours: 800 });
    expect(await yearOf(teacherId)).toMatchObject({ centihours: 100 });
    await publish('hours.dayCap', 800, { validFrom: '2025-09-01' });
    await recompute(province);
  });
});

describe('deciding anew', () => {
  const causeOf = (teacherId: string, list: readonly (readonly [number, number])[]) =>
    list.map(([hour, minutes], index) =>
      participation(
        teacherId,
        [session(`2026-02-0${(index % 3) + 1}T${String(hour).padStart(2, '0')}:00`, minutes)],
        { level: ['NATIONAL', 'CITY', 'SCHOOL'][index % 3] as ParticipationCompleted['level'] },
      ),
    );
  const standing = async (teacherId: string) => {
    const rows: { rule: string | null; hours: number }[] = await province.db.query(
      `SELECT d.rule, coalesce((SELECT sum(e.centihours)::int FROM hour_entry e
         WHERE e.teacher_id = d.teacher_id AND e.cause_id = d.cause_id), 0) AS hours
       FROM recognition_decision d WHERE d.teacher_id = $1 AND d.sequence =
         (SELECT max(n.sequence) FROM recognition_decision n
          WHERE n.teacher_id = d.teacher_id AND n.cause_id = d.cause_id)
       ORDER BY d.cause_id`,
      [teacherId],
    );
    // Once something was posted in a year, it is kept, though all of it was taken back.
    const year = await yearOf(teacherId, 2026);
    return { rows, year: year?.centihours ? year : null };
  };
  const changes = fc.oneof(
    fc.record({ key: fc.constant('hours.dayCap'), value: fc.integer({ min: 0, max: 900 }) }),
    fc.record({ key: fc.constant('hours.minutesPerHour'), value: fc.constantFrom(40, 45, 60) }),
    fc.record({
      key: fc.constant('hours.sourceCaps'),
      value: fc.constantFrom<object[]>(
        [],
        [{ source: 'PARTICIPATION', period: 'YEAR', max: 500 }],
        [{ source: 'SCHOOL_BASED', period: 'DAY', max: 100 }],
      ),
    }),
    fc.record({
      key: fc.constant('hours.registrarRank'),
      value: fc.constantFrom(['SCHOOL', 'CITY', 'NATIONAL'], ['NATIONAL', 'CITY', 'SCHOOL']),
    }),
    fc.record({ key: fc.constant('hours.basic.annual'), value: fc.integer({ min: 0, max: 999 }) }),
  );
  const sessions = fc.array(
    fc.tuple(fc.integer({ min: 6, max: 18 }), fc.integer({ min: 30, max: 300 })),
    { minLength: 1, maxLength: 5 },
  );

  it('comes to what would have been decided had the version been there before', async () => {
    await fc.assert(
      fc.asyncProperty(sessions, changes, async (list, { key, value }) => {
        const [early, late] = [await hire(province), await hire(province)];
        for (const data of causeOf(early, list)) await complete(province, data);
        await publish(key, value, { validFrom: '2026-01-01' });
        await recompute(province);
        for (const data of causeOf(late, list)) await complete(province, data);
        expect(await standing(early)).toEqual(await standing(late));
      }),
      { numRuns: 15 },
    );
    for (const [key, value] of [
      ['hours.dayCap', 800],
      ['hours.minutesPerHour', 45],
      ['hours.sourceCaps', []],
      ['hours.registrarRank', ['NATIONAL', 'PROVINCIAL', 'CITY', 'COUNTY', 'SCHOOL']],
      ['hours.basic.annual', 7_200],
    ] as const) {
      await publish(key, value, { validFrom: '2026-01-01' });
    }
    await recompute(province);
  });

  it('decides anew what was being decided while the version came', async () => {
    const teacherId = await hire(province);
    const sessionsOf = days('2025-04-07', 1, 360);
    const cause: StoredCause = {
      ...{ causeId: newId(), teacherId, enrolmentId: newId(), projectId: newId() },
      ...{ source: 'PARTICIPATION', level: 'COUNTY', category: 'SUBJECT', modality: 'MIXED' },
      ...{ registrarCode: '140403', unitCode: '140403001', firstDate: '2025-04-07' },
      sessions: sessionsOf,
    };
    let commit = () => {};
    const committed = new Promise<void>((resolve) => (commit = resolve));
    let decided = () => {};
    const isDecided = new Promise<void>((resolve) => (decided = resolve));
    const slow = province.db.transaction(async (manager) => {
      const origin = { service: 'hours', now: province.clock.now, newId, correlationId: newId() };
      await withTx(manager, origin, (tx) => decide(tx, cause));
      decided();
      await committed;
    });
    await isDecided;
    await publish('hours.dayCap', 100, { validFrom: '2025-04-07', validTo: '2025-04-07' });
    const environment = testEnvironment(province.clock);
    expect(await advance(province.db, environment)).toBe('ADVANCED');
    expect(await advance(province.db, environment)).toBe('WAITING');
    commit();
    await slow;
    await recompute(province);
    expect(await yearOf(teacherId)).toMatchObject({ centihours: 100 });
  });
});

const RECOMPUTER = fileURLToPath(new URL('../testing/recomputer.ts', import.meta.url));

/** Starts a process that recomputes, and the signal that it died of. */
async function dies(args: RecomputerArguments): Promise<NodeJS.Signals | null> {
  const execArgv = ['--conditions=development', '--import', 'tsx'];
  const child = fork(RECOMPUTER, [JSON.stringify(args)], { execArgv });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal;
}

describe('the job', () => {
  const environment = () => testEnvironment(province.clock);

  it('goes on where it was after a crash in the middle of a batch', async () => {
    const teachers: string[] = [];
    for (let count = 0; count < 7; count += 1) teachers.push(await trained(1, 360));
    const seq = await lastSeq();
    const version = await publish('hours.dayCap', 700, { validFrom: '2025-03-01' });
    expect(await dies({ databaseUrl: province.database.appUrl, batch: 3, diesAt: 2 })).toBe(
      'SIGKILL',
    );
    const halfway = await progressOf('hours.dayCap', version);
    expect(halfway).toMatchObject({ done: 3, finished: false });
    expect(halfway?.total).toBeGreaterThanOrEqual(7);
    await until(async () => {
      await advance(province.db, environment(), 3);
      return (await progressOf('hours.dayCap', version))?.finished;
    });
    expect(await progressOf('hours.dayCap', version)).toMatchObject({
      ...{ done: halfway?.total, total: halfway?.total },
    });
    for (const teacherId of teachers) {
      expect(await yearOf(teacherId)).toMatchObject({ centihours: 700 });
      expect(await eventsSince(seq, teacherId)).toEqual(['hours.reversed.v1', 'hours.credited.v1']);
    }
    expect(await recomputeAll(province.db, environment(), 3)).toBe(0);
  });

  it('has one leader at a time, and does each teacher once', async () => {
    const teacherId = await trained(1, 360);
    const seq = await lastSeq();
    const version = await publish('hours.dayCap', 650, { validFrom: '2025-03-01' });
    const finish = async () => {
      while (!(await progressOf('hours.dayCap', version))?.finished) {
        await advance(province.db, environment(), 2);
      }
    };
    await Promise.all([finish(), finish(), finish()]);
    const progress = await progressOf('hours.dayCap', version);
    expect(progress?.done).toBe(progress?.total);
    expect(await eventsSince(seq, teacherId)).toEqual(['hours.reversed.v1', 'hours.credited.v1']);
    await publish('hours.dayCap', 800, { validFrom: '2025-03-01' });
    await recompute(province);
  });
});

describe('policyRecomputations', () => {
  const QUERY = `{ policyRecomputations(first: 1) { nodes {
    key version scope { code } state total done changedDecisions changedVerdicts } } }`;

  it('shows the progress to whoever oversees all that a version holds for', async () => {
    await trained(10, 360);
    const version = await publish('hours.basic.annual', 9_100, { scopeCode: '140403' });
    const seen = async (unit: string) =>
      (await ask(province, officer(unit), QUERY)).data.policyRecomputations.nodes[0];
    const waiting = { key: 'hours.basic.annual', version, scope: { code: '140403' } };
    expect(await seen('140403')).toMatchObject({ ...waiting, state: 'WAITING', total: null });
    await recompute(province);
    const done = await seen('140000');
    expect(done).toMatchObject({ ...waiting, state: 'DONE' });
    expect(done.changedVerdicts).toBeGreaterThan(0);
    expect(done.done).toBe(done.total);
    expect(await seen('140404')).toBeUndefined();
    expect((await ask(province, platform, QUERY)).code).toBe('FORBIDDEN');
    expect((await ask(province, teacher(newId()), QUERY)).code).toBe('FORBIDDEN');
    expect((await ask(province, null, QUERY)).code).toBe('UNAUTHENTICATED');
  });
});
