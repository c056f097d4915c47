import { enrolmentConfirmed, enrolmentWithdrawn } from '@yanxiu/contracts/training';
import { acting, governed } from '@yanxiu/registry/scope';
import { command, type CommandInput, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { badInput, notFound } from '@yanxiu/subgraph/errors';
import { isUuid } from '../columns.js';
import { deliveryOf, lockClass } from '../class/queries.js';
import { isOpen, mayEnrol, mayWithdraw } from '../class/rules.js';
import type { TrainingClass } from '../class/entity.js';
import {
  confirmNominations,
  lockWaiting,
  releaseNomination,
  type WaitingNomination,
} from '../nomination/queries.js';
import { lockProject } from '../project/queries.js';
import { recogniseWhenDecided } from '../project/transition.js';
import { Enrolment } from './entity.js';
import { may, mayConfirm, mayLeave } from './rules.js';

export interface ConfirmEnrolmentsInput extends CommandInput {
  classId: string;
  /** All that wait, when left out. */
  nominationIds?: string[] | null;
}

type Waiting = WaitingNomination & { enrolmentId: string };

/** Turns nominations into enrolments (学员), by the organiser or a deliverer. */
export async function confirmEnrolments(
  context: Context,
  input: ConfirmEnrolmentsInput,
): Promise<{ classId: string; enrolmentIds: string[] }> {
  return command(context, 'enrolment.confirm', input, async (tx) => {
    const { trainingClass, project } = await lockClass(tx.manager, input.classId);
    permit(may(tx.actor, 'confirm', await deliveryOf(tx.manager, tx.actor, project)));
    enforce(mayEnrol(project));
    const asked = input.nominationIds ?? null;
    const nominations = await lockWaiting(tx.manager, trainingClass.id, asked);
    const waiting = nominations.map((row) => ({ enrolmentId: tx.newId(), ...row }));
    enforce(
      mayConfirm(
        asked,
        waiting.map((row) => row.nominationId),
      ),
    );
    await insertEnrolments(tx, trainingClass, waiting);
    const { id: classId, projectId } = trainingClass;
    const at = tx.now.toISOString();
    await tx.emitAll(
      enrolmentConfirmed,
      waiting.map(({ enrolmentId, teacherId, unitCode }) => ({
        key: enrolmentId,
        data: { enrolmentId, projectId, classId, teacherId, unitCode, at },
      })),
    );
    tx.subject('TrainingClass', classId);
    return { classId, enrolmentIds: waiting.map((row) => row.enrolmentId) };
  });
}

async function insertEnrolments(
  tx: CommandTx,
  trainingClass: TrainingClass,
  waiting: readonly Waiting[],
): Promise<void> {
  await tx.manager.query(
    `INSERT INTO enrolment (id, nomination_id, project_id, class_id, teacher_id, unit_code,
                            status, confirmed_at)
     SELECT e.id, e.nomination_id, $1, $2, e.teacher_id, e.unit_code, 'CONFIRMED', $3
     FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::text[])
       AS e (id, nomination_id, teacher_id, unit_code)`,
    [
      trainingClass.projectId,
      trainingClass.id,
      tx.now,
      waiting.map((row) => row.enrolmentId),
      waiting.map((row) => row.nominationId),
      waiting.map((row) => row.teacherId),
      waiting.map((row) => row.unitCode),
    ],
  );
  await confirmNominations(
    tx.manager,
    waiting.map((row) => row.nominationId),
  );
}

export interface WithdrawEnrolmentInput extends CommandInput {
  enrolmentId: string;
  reason: string;
}

/** Gives up a place: by the organiser, a deliverer, or the participant's unit and those above. */
export async function withdrawEnrolment(
  context: Context,
  input: WithdrawEnrolmentInput,
): Promise<{ enrolmentId: string }> {
  return command(context, 'enrolment.withdraw', input, async (tx) => {
    const { manager, actor } = tx;
    const { enrolmentId: id, reason } = input;
    const found = isUuid(id) ? await manager.findOneBy(Enrolment, { id }) : null;
    if (!found) throw notFound({ zh: '学员', en: 'enrolment' }, id);
    if (!reason.trim()) throw badInput('请写明退出原因。', 'Give the reason.');
    // Locked, not shared: it may be recognised once this place no longer waits for a decision.
    const project = await lockProject(manager, found.projectId);
    const sender = await governed(await acting(tx), tx, found.unitCode);
    const delivery = await deliveryOf(manager, actor, project);
    permit(may(actor, 'withdraw', { project: delivery, sender }));
    enforce(mayWithdraw(project));
    const { trainingClass } = await lockClass(manager, found.classId);
    enforce(isOpen(trainingClass));
    const enrolment = await manager.findOneByOrFail(Enrolment, { id });
    enforce(mayLeave(enrolment.status));
    await manager.update(Enrolment, id, {
      status: 'WITHDRAWN',
      withdrawnAt: tx.now,
      withdrawalReason: reason,
    });
    await releaseNomination(tx, enrolment.nominationId);
    const { projectId, classId, teacherId, unitCode } = enrolment;
    const at = tx.now.toISOString();
    const data = { enrolmentId: id, projectId, classId, teacherId, unitCode, at, reason };
    await tx.emit(enrolmentWithdrawn, id, data);
    await recogniseWhenDecided(tx, project);
    tx.subject('Enrolment', id);
    return { enrolmentId: id };
  });
}
