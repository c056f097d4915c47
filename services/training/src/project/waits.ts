import type { DataSource } from 'typeorm';
import type { Environment } from '@yanxiu/messaging/environment';
import { withTx } from '@yanxiu/messaging/transaction';
import { policiesOn } from '@yanxiu/registry/policy';
import { inBackground, type Background } from '@yanxiu/subgraph/background';
import { localDate } from '@yanxiu/subgraph/calendar';
import type { RunningService } from '@yanxiu/subgraph/service';
import { TrainingProject } from './entity.js';
import { returnForFunds } from './transition.js';

const HOUR_MS = 3_600_000;
const SWEEP_MS = 60_000;

/**
 * Sends back to DRAFT what has waited for funding's answer longer than the policy allows
 * (`training.reservationWaitHours`); how many. A late answer names the old request and is ignored.
 */
export async function returnOverdueReservations(
  db: DataSource,
  environment: Environment,
): Promise<number> {
  const waiting: { id: string }[] = await db.query(
    `SELECT id FROM training_project WHERE status = 'SUBMITTED' AND funds_state = 'ASKED'
     ORDER BY status_since`,
  );
  let returned = 0;
  for (const { id } of waiting) {
    if (await returnIfOverdue(db, environment, id)) returned += 1;
  }
  return returned;
}

async function returnIfOverdue(
  db: DataSource,
  environment: Environment,
  id: string,
): Promise<boolean> {
  return db.transaction(async (manager) => {
    const project = await manager.findOne(TrainingProject, {
      where: { id, status: 'SUBMITTED', fundsState: 'ASKED' },
      lock: { mode: 'pessimistic_write', onLocked: 'skip_locked' },
    });
    if (!project?.fundsRequestId) return false;
    const now = environment.now();
    const policies = await policiesOn(manager, localDate(now), project.organiserCode);
    const hours = policies.value<number>('training.reservationWaitHours');
    if (now.getTime() - project.statusSince.getTime() <= hours * HOUR_MS) return false;
    const requestId = project.fundsRequestId;
    const newId = environment.ids(`reservation-wait:${requestId}`);
    await withTx(manager, { service: 'training', now, newId, correlationId: requestId }, (tx) =>
      returnForFunds(tx, project, requestId, 'PROJECT-FUNDED', {
        zh: `经费部门在 ${hours} 小时内未答复预留申请，项目退回草稿。`,
        en: `Funding did not answer within ${hours} hours: the project is back to DRAFT.`,
      }),
    );
    return true;
  });
}

/** Looks for overdue reservations every minute, as long as the service runs. */
export const watchReservations = (running: RunningService): Background =>
  inBackground(running, {
    what: 'reservations',
    everyMs: SWEEP_MS,
    work: async () => {
      await returnOverdueReservations(running.db, running.environment);
      return false;
    },
  });
