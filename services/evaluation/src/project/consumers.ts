import {
  enrolmentConfirmed,
  enrolmentWithdrawn,
  institutionRegistered,
  projectCancelled,
  projectFiled,
  projectRecognised,
} from '@yanxiu/contracts/training';
import { evaluationOpened } from '@yanxiu/contracts/evaluation';
import { on, onAll, type EventHandler } from '@yanxiu/messaging/handlers';
import type { Tx } from '@yanxiu/messaging/transaction';
import { orWait, policiesOn } from '@yanxiu/registry/policy';
import { addDays, localDate } from '@yanxiu/subgraph/calendar';
import { latestInstrument } from '../instrument/queries.js';
import { ProjectEvaluation } from './entity.js';

/** School-based training has no agency assessment and no evaluation of three channels (A28). */
const evaluated = (level: string): boolean => level !== 'SCHOOL';

/** Keep what is known of institutions. */
export const institutionHandlers: readonly EventHandler[] = [
  on(institutionRegistered, async ({ data }, { manager }) => {
    await manager.query('INSERT INTO institution (id, code, name) VALUES ($1, $2, $3)', [
      data.institutionId,
      data.code,
      data.name,
    ]);
  }),
];

/** Keep who may take part in an evaluation. */
export const participantHandlers: readonly EventHandler[] = [
  onAll(enrolmentConfirmed, async (taken, manager) => {
    await manager.query(
      `INSERT INTO eligible_participant (project_id, teacher_id, enrolment_id)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) ON CONFLICT DO NOTHING`,
      [
        taken.map(({ event }) => event.data.projectId),
        taken.map(({ event }) => event.data.teacherId),
        taken.map(({ event }) => event.data.enrolmentId),
      ],
    );
  }),
  on(enrolmentWithdrawn, async ({ data }, { manager }) => {
    await manager.query(
      `DELETE FROM eligible_participant
       WHERE project_id = $1 AND teacher_id = $2 AND enrolment_id = $3`,
      [data.projectId, data.teacherId, data.enrolmentId],
    );
  }),
];

export const handlers: readonly EventHandler[] = [
  ...institutionHandlers,
  on(projectFiled, async ({ data }, tx) => {
    if (!evaluated(data.level)) return;
    const id = tx.newId();
    await tx.manager.insert(ProjectEvaluation, {
      id,
      projectId: data.projectId,
      projectName: data.name,
      level: data.level,
      year: data.year,
      organiserCode: data.organiserCode,
      delivererIds: data.delivererIds,
      state: 'WAITING',
    });
    await tx.emit(evaluationOpened, data.projectId, {
      evaluationId: id,
      projectId: data.projectId,
      organiserCode: data.organiserCode,
      at: tx.now.toISOString(),
    });
  }),
  on(projectRecognised, async ({ data }, tx) => {
    if (!evaluated(data.level)) return;
    const { manager } = tx;
    await manager.update(
      ProjectEvaluation,
      { projectId: data.projectId, state: 'WAITING' },
      {
        state: 'OPEN',
        projectName: data.name,
        delivererIds: data.delivererIds,
        openedAt: tx.now,
        deadline: await deadlineOf(tx, data.organiserCode),
        anonymousInstrumentId: (await latestInstrument(manager, 'ANONYMOUS')).id,
        agencyInstrumentId: (await latestInstrument(manager, 'AGENCY')).id,
        supervisionInstrumentId: (await latestInstrument(manager, 'SUPERVISION')).id,
      },
    );
  }),
  on(projectCancelled, async ({ data }, { manager, now }) => {
    await manager
      .createQueryBuilder()
      .update(ProjectEvaluation)
      .set({ state: 'CLOSED', closedAt: now })
      .where(`project_id = :projectId AND state <> 'CLOSED'`, { projectId: data.projectId })
      .execute();
  }),
  ...participantHandlers,
];

/** The channels stay open for policy `evaluation.deadlineDays`. */
async function deadlineOf({ manager, now }: Tx, organiserCode: string): Promise<string> {
  const today = localDate(now);
  const policies = await policiesOn(manager, today, organiserCode);
  return addDays(
    today,
    orWait(() => policies.value<number>('evaluation.deadlineDays')),
  );
}
