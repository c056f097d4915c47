import type { DataSource, EntityManager } from 'typeorm';
import type { Environment } from '@yanxiu/messaging/environment';
import { parametersOf, stampOf } from '../policy/queries.js';
import { countSimulated, simulateSome } from './queries.js';
import { count, nothingCounted } from './rules.js';
import { RUN, type Run } from './runs.js';

const AT_ONCE = 500;

/** A run that is not over, with the last teacher counted and the parameters she was judged by. */
interface OpenRun extends Run {
  lastTeacher: string | null;
  stamp: string | null;
}

/**
 * Takes one step of the oldest run that is not over: counts some teachers and keeps what came of
 * it, in one transaction that writes nothing else. False when none is open, or another process has
 * it. A crash loses the step, no more.
 */
export function advance(
  db: DataSource,
  environment: Environment,
  atOnce = AT_ONCE,
): Promise<boolean> {
  return db.transaction(async (manager) => {
    const run = await lead(manager);
    if (!run) return false;
    const now = environment.now();
    const stamp = await stampOf(manager);
    if (run.startedAt === null || run.stamp !== stamp) await begin(manager, run, now, stamp);
    else await goOn(manager, run, now, atOnce);
    return true;
  });
}

async function lead(manager: EntityManager): Promise<OpenRun | null> {
  const rows: OpenRun[] = await manager.query(
    `SELECT ${RUN}, r.last_teacher AS "lastTeacher", r.stamp FROM simulation_run r
     WHERE r.finished_at IS NULL ORDER BY r.requested_at, r.id LIMIT 1 FOR UPDATE SKIP LOCKED`,
  );
  return rows[0] ?? null;
}

/** From the first teacher on; anew when a version was published meanwhile, by which all change. */
async function begin(
  manager: EntityManager,
  run: OpenRun,
  now: Date,
  stamp: string | null,
): Promise<void> {
  await manager.query(
    `UPDATE simulation_run SET started_at = $2, stamp = $3, total = $4, done = 0, counts = $5,
       changed_decisions = 0, last_teacher = NULL
     WHERE id = $1`,
    [run.id, now, stamp, await countSimulated(manager, run), JSON.stringify(nothingCounted())],
  );
}

async function goOn(
  manager: EntityManager,
  run: OpenRun,
  now: Date,
  atOnce: number,
): Promise<void> {
  const { id, counts, changes, lastTeacher: after, stamp } = run;
  const parameters = (await parametersOf(manager, stamp)).with(changes);
  const { teachers, changedDecisions } = await simulateSome(manager, run, {
    ...{ parameters, after, atOnce },
  });
  for (const teacher of teachers) count(counts, teacher);
  await manager.query(
    `UPDATE simulation_run SET done = done + $2, counts = $3,
       changed_decisions = changed_decisions + $4, last_teacher = coalesce($5, last_teacher),
       finished_at = CASE WHEN $6 THEN $7::timestamptz END
     WHERE id = $1`,
    [
      ...[id, teachers.length, JSON.stringify(counts), changedDecisions],
      ...[teachers.at(-1)?.teacherId ?? null, teachers.length < atOnce, now],
    ],
  );
}
