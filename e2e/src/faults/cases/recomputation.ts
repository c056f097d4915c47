import { until } from '@yanxiu/testkit/waiting';
import { BOTH, isAlive, type Case, type Trial } from '../case.js';
import { restarted } from './processes.js';

const POINT = 'recomputation.before-commit';
const KEY = 'hours.basic.annual';
const FROM = 2025;
/** Teachers of one step (`recomputation/job.ts`), and enough for several. */
const [BATCH, CROWD] = [100, 250];
/** Long enough to ask for the second fault while the process stands still at the first. */
const BLOCK_MS = 3_000;
const FINISH_MS = 120_000;

interface Version {
  version: number;
  value: number;
}

/** Two persons publish a minimum on the other side of what a class of the load brings. */
async function publish({ client, stage, random }: Trial): Promise<Version> {
  const [last] = await stage.sql<{ version: number }>(
    'hours',
    'SELECT max(version) AS version FROM policy WHERE key = $1',
    [KEY],
  );
  const value = (last && last.version % 2 === 0 ? 900 : 700) + random.int(0, 50);
  const { draft } = await client.send<{ draft: { id: string } }>({
    name: 'draftPolicy',
    type: 'DraftPolicyInput',
    input: {
      ...{ key: KEY, value, validFrom: `${FROM}-01-01`, instrument: '晋教师〔2023〕4号' },
      ...{ article: '三（一）1', quotation: '5年一周期，每年不少于72学时' },
    },
    select: 'draft { id }',
    sender: { persona: 'province-officer' },
  });
  const { policy } = await client.send<{ policy: { version: number } }>({
    name: 'publishPolicy',
    type: 'PublishPolicyInput',
    input: { draftId: draft.id },
    select: 'policy { key version }',
    sender: { persona: 'province-officer', n: 2 },
  });
  return { version: policy.version, value };
}

interface Progress {
  total: number | null;
  done: number;
  finished: boolean;
}

const progressOf = async ({ stage }: Trial, { version }: Version): Promise<Progress | undefined> =>
  (
    await stage.sql<Progress>(
      'hours',
      `SELECT total, done, finished_at IS NOT NULL AS finished FROM policy_recomputation
       WHERE key = $1 AND version = $2`,
      [KEY, version],
    )
  )[0];

/** Dies in the second step, of which nothing may be left; what the first has done stays. */
async function dieInSecondStep(trial: Trial): Promise<void> {
  const { stage, load } = trial;
  const { points, system } = stage;
  await load.enlist(CROWD);
  await until(
    async () => {
      const rows = await stage.sql('hours', 'SELECT FROM teacher_copy');
      return rows.length > CROWD;
    },
    { timeoutMs: 60_000, message: 'hours to know the teachers' },
  );
  const pid = await system.pid('hours');
  if (pid === undefined) throw new Error('hours is not running');
  const before = (await points.hits()).length;
  const hits = async () =>
    (await points.hits()).slice(before).filter((hit) => hit.pid === pid && hit.point === POINT);
  await points.arm('hours', POINT, { ms: BLOCK_MS });
  const version = await publish(trial);
  await until(async () => (await hits()).length === 1, {
    timeoutMs: trial.hitMs,
    message: 'the recomputation to come to its first step',
  });
  await points.arm('hours', POINT);
  await trial.expectHit(async () => (await hits()).length === 2 && !isAlive(pid));
  const halfway = await progressOf(trial, version);
  if (halfway?.done !== BATCH || halfway.finished) {
    trial.wrong.push(`after the second step was lost: ${JSON.stringify(halfway)}`);
  }
  await points.disarm('hours', POINT);
  await restarted(trial, 'hours', pid);
  await until(async () => (await progressOf(trial, version))?.finished, {
    timeoutMs: FINISH_MS,
    message: 'the recomputation to be gone on with',
  });
  await compare(trial, version);
}

/** Every verdict is what the version gives by hand, and no teacher was gone through twice. */
async function compare(trial: Trial, version: Version): Promise<void> {
  const rows = await trial.stage.sql<{ id: string; ok: boolean }>(
    'hours',
    // Who serves the whole of each year is asked for all of it (HOURS-BASIC-ANNUAL).
    `SELECT y.teacher_id || ' ' || y.year AS id, (y.required_centihours, y.policy_version, y.verdict)
       = ($2, $3, CASE WHEN y.centihours >= $2 THEN 'MET' ELSE 'SHORT' END) AS ok
     FROM yearly_compliance y JOIN teacher_copy t ON t.id = y.teacher_id
     WHERE y.year >= $1 AND y.sector = 'BASIC' AND t.retired_on IS NULL
       AND t.hired_on < make_date($1, 1, 1)`,
    [FROM, version.value, version.version],
  );
  const bad = rows.filter(({ ok }) => !ok);
  for (const { id } of bad.slice(0, 5)) trial.wrong.push(`the year of ${id} is not by the version`);
  if (rows.length < CROWD) trial.wrong.push(`only ${rows.length} years were compared`);
  const [{ teachers = 0 } = {}] = await trial.stage.sql<{ teachers: number }>(
    'hours',
    'SELECT count(*)::int AS teachers FROM teacher_copy',
  );
  const { done = 0, total } = (await progressOf(trial, version)) ?? {};
  if (done < (total ?? Infinity) || done > teachers) {
    trial.wrong.push(`${done} done of ${total} then and ${teachers} teachers by now`);
  }
  trial.notes.push(`${rows.length} years by hand, ${bad.length} otherwise; ${done} teachers done`);
}

/** SIGKILL of hours while it works off a publication. */
export const recomputationCases: readonly Case[] = [
  {
    id: 'F26',
    fault: 'hours killed in the second step of a recomputation, before it commits',
    transports: BOTH,
    seeds: 3,
    run: dieInSecondStep,
  },
];
