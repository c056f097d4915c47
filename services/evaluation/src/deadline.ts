import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Environment } from '@yanxiu/messaging/environment';
import { withTx } from '@yanxiu/messaging/transaction';
import { inBackground, type Background } from '@yanxiu/subgraph/background';
import { localDate } from '@yanxiu/subgraph/calendar';
import type { Context } from '@yanxiu/subgraph/context';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import type { RunningService } from '@yanxiu/subgraph/service';
import { mixOpenProjects } from './anonymous/mixing.js';
import { closeEvaluation } from './closing.js';
import { lockEvaluation } from './project/queries.js';

interface Surroundings {
  db: DataSource;
  environment: Environment;
}

/**
 * Closes what is past its deadline: COMPOSITE where all three channels are in, else INSUFFICIENT
 * (EVAL-THREE). How many it closed.
 */
export async function sweepDeadlines({ db, environment }: Surroundings): Promise<number> {
  const today = localDate(environment.now());
  const due: { project_id: string }[] = await db.query(
    `SELECT project_id FROM project_evaluation
     WHERE state = 'OPEN' AND deadline < $1 ORDER BY deadline, id`,
    [today],
  );
  let closed = 0;
  for (const { project_id: projectId } of due) {
    if (await closeDue(db, environment, projectId)) closed += 1;
  }
  return closed;
}

async function closeDue(
  db: DataSource,
  environment: Environment,
  projectId: string,
): Promise<boolean> {
  return db.transaction(async (manager) => {
    const evaluation = await lockEvaluation(manager, projectId);
    if (evaluation.state !== 'OPEN') return false;
    const now = environment.now();
    const newId = environment.ids(`deadline ${evaluation.id}`);
    const requestId = `deadline-${randomUUID()}`;
    await withTx(manager, { service: 'evaluation', now, newId, correlationId: requestId }, (tx) =>
      closeEvaluation(tx, evaluation),
    );
    await manager.query(
      `INSERT INTO audit (id, at, actor, role, unit, action, subject_type, subject_id, request_id)
       VALUES ($1, $2, 'deadline', 'SYSTEM', $3, 'project.close', 'ProjectEvaluation', $4, $5)`,
      [newId(), now, evaluation.organiserCode, evaluation.id, requestId],
    );
    return true;
  });
}

/** For the generator: what the timer does, at the time of the generator's clock. */
export const sweepAsSeed = ({ db, environment }: Context): Promise<number> =>
  sweepDeadlines({ db: asSystem(db), environment });

const EVERY_MS = 10 * 60_000;

/** Sweeps deadlines and mixes the rows of open channels, now and every ten minutes. */
export const startSweeper = (running: RunningService): Background =>
  inBackground(running, {
    what: 'deadlines',
    everyMs: EVERY_MS,
    work: async () => {
      const closed = await sweepDeadlines(running);
      if (closed > 0) running.log.info({ closed }, 'closed evaluations past their deadline');
      await mixOpenProjects(running.db);
      return false;
    },
  });
