import type { DataSource, EntityManager } from 'typeorm';
import type { Environment } from '@yanxiu/messaging/environment';
import { withTx, type Tx } from '@yanxiu/messaging/transaction';
import { faultPoint } from '@yanxiu/messaging/fault-point';
import type { Bilingual } from '@yanxiu/subgraph/errors';
import { ifAny } from '@yanxiu/registry/policy';
import { keep, statesOf } from '../compliance/queries.js';
import { judge } from '../compliance/rules.js';
import { parametersOf } from '../policy/queries.js';
import { hoursOf, redecide, supersede } from '../recognition/decide.js';
import { lockTeachers } from '../teacher/queries.js';
import { countTouched, touchedTeachers } from './queries.js';
import { touchesOf, type Reach } from './rules.js';

/** Advisory lock of the one process that recomputes; it is held for a transaction. */
const LEADER_LOCK = 7_201_010;
const BATCH = 100;

/** A publication that is not worked off, with when and where its version holds. */
interface OpenJob extends Reach {
  id: string;
  version: number;
  startedAt: Date | null;
  settledAfter: string | null;
  lastTeacher: string | null;
}

/** `DONE`: nothing is open, or another process has it; `WAITING`: older work is to end first. */
export type Step = 'ADVANCED' | 'WAITING' | 'DONE';

/**
 * Takes one step of the oldest publication that is not worked off, in one transaction: what a batch
 * of teachers comes to, and that they are done. A crash loses the step, no more.
 */
export async function advance(
  db: DataSource,
  environment: Environment,
  batch = BATCH,
): Promise<Step> {
  return db.transaction(async (manager) => {
    const job = await lead(manager);
    if (!job) return 'DONE';
    if (job.settledAfter === null) return settle(manager, job);
    if (!(await isSettled(manager, job.settledAfter))) return 'WAITING';
    const now = environment.now();
    if (job.startedAt === null) return begin(manager, job, now);
    const { id } = job;
    const newId = environment.ids(`recomputation:${id}:${job.lastTeacher}`);
    const origin = { service: 'hours', now, newId, correlationId: id };
    await withTx(manager, origin, (tx) => takeBatch(tx, job, batch));
    faultPoint('recomputation.before-commit');
    return 'ADVANCED';
  });
}

/** Works off all that is open; how many steps it took. For those who wait for it. */
export async function recomputeAll(
  db: DataSource,
  environment: Environment,
  batch = BATCH,
): Promise<number> {
  for (let steps = 0; ; steps += 1) {
    if ((await advance(db, environment, batch)) === 'DONE') return steps;
  }
}

async function lead(manager: EntityManager): Promise<OpenJob | null> {
  const leaders: { leads: boolean }[] = await manager.query(
    'SELECT pg_try_advisory_xact_lock($1) AS leads',
    [LEADER_LOCK],
  );
  if (!leaders[0]?.leads) return null;
  const jobs: OpenJob[] = await manager.query(
    `SELECT r.id, r.key, r.version, p.valid_from::text AS "validFrom",
       p.valid_to::text AS "validTo", p.scope_code AS "scopeCode", r.started_at AS "startedAt",
       r.settled_after::text AS "settledAfter", r.last_teacher AS "lastTeacher"
     FROM policy_recomputation r JOIN policy p ON p.key = r.key AND p.version = r.version
     WHERE r.finished_at IS NULL ORDER BY r.requested_at, r.key, r.version LIMIT 1`,
  );
  return jobs[0] ?? null;
}

/**
 * Who decided just now, before the version could be seen, may not have committed: the transactions
 * that are under way have to end before teachers are looked for.
 */
async function settle(manager: EntityManager, { key, version }: OpenJob): Promise<Step> {
  await manager.query(
    `UPDATE policy_recomputation SET settled_after = pg_snapshot_xmax(pg_current_snapshot())
     WHERE key = $1 AND version = $2`,
    [key, version],
  );
  return 'ADVANCED';
}

async function isSettled(manager: EntityManager, settledAfter: string): Promise<boolean> {
  const rows: { settled: boolean }[] = await manager.query(
    'SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 AS settled',
    [settledAfter],
  );
  return rows[0]?.settled ?? false;
}

async function begin(manager: EntityManager, job: OpenJob, now: Date): Promise<Step> {
  await manager.query(
    `UPDATE policy_recomputation SET started_at = $3, total = $4
     WHERE key = $1 AND version = $2`,
    [job.key, job.version, now, await countTouched(manager, job)],
  );
  return 'ADVANCED';
}

async function takeBatch(tx: Tx, job: OpenJob, batch: number): Promise<void> {
  const { manager } = tx;
  const ids = await touchedTeachers(manager, job, job.lastTeacher, batch);
  await lockTeachers(manager, ids);
  const { decisions, verdicts } = ids.length > 0 ? await recompute(tx, job, ids) : NONE;
  await manager.query(
    `UPDATE policy_recomputation SET done = done + $3, last_teacher = coalesce($4, last_teacher),
       changed_decisions = changed_decisions + $5, changed_verdicts = changed_verdicts + $6,
       finished_at = CASE WHEN $7 THEN $8::timestamptz END
     WHERE key = $1 AND version = $2`,
    [
      job.key,
      job.version,
      ids.length,
      ids.at(-1) ?? null,
      decisions,
      verdicts,
      ids.length < batch,
      tx.now,
    ],
  );
}

const NONE = { decisions: 0, verdicts: 0 };

/** Decides and judges these teachers anew by all that is published. */
async function recompute(
  tx: Tx,
  job: OpenJob,
  ids: readonly string[],
): Promise<{ decisions: number; verdicts: number }> {
  const { manager, newId } = tx;
  const parameters = await parametersOf(manager);
  const states = await statesOf(manager, ids);
  const changes = touchesOf(job.key).decisions
    ? await redecide(manager, states, { parameters, newId })
    : new Map<string, never[]>();
  const all = [...changes.values()].flat();
  const before = await verdictsOf(manager, ids);
  await supersede(tx, all, because(job));
  await keep(
    manager,
    states.flatMap((teacher) => {
      const added = hoursOf(changes.get(teacher.teacherId) ?? []);
      const posted = teacher.years.filter((year) => year.posted).map(({ year }) => year);
      const years = [...posted, ...added.keys()];
      const judged = ifAny(() =>
        judge(teacher, new Map(years.map((year) => [year, added.get(year) ?? 0]))),
      );
      return judged ? [{ tx, teacher, judged }] : [];
    }),
  );
  const after = await verdictsOf(manager, ids);
  const changed = [...before].filter(([year, verdict]) => after.get(year) !== verdict);
  return { decisions: all.length, verdicts: changed.length };
}

/** Kept verdicts by teacher and year. */
async function verdictsOf(
  manager: EntityManager,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows: { year: string; verdict: string }[] = await manager.query(
    `SELECT teacher_id || ':' || year AS year, verdict FROM yearly_compliance
     WHERE teacher_id = ANY($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map(({ year, verdict }) => [year, verdict]));
}

const because = ({ key, version }: OpenJob): Bilingual => ({
  zh: `政策参数 ${key} 第 ${version} 版发布，原认定冲销后重新认定。`,
  en: `Version ${version} of the parameter ${key} was published: taken back and decided anew.`,
});
