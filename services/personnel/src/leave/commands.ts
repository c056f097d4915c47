import { IsNull } from 'typeorm';
import { leaveRecorded } from '@yanxiu/contracts/personnel';
import { orRefuse, policiesOn } from '@yanxiu/registry/policy';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandInput, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce } from '@yanxiu/subgraph/decision';
import { notFound } from '@yanxiu/subgraph/errors';
import { isTeacherId, lockRecord, lockTeacher } from '../teacher/queries.js';
import { Leave, type LeaveReason } from './entity.js';
import { may, mayEndLeave, mayTakeLeave } from './rules.js';
import { sealReason } from './sealed.js';

export interface LeaveRef {
  teacherId: string;
  leaveId: string;
}

export interface RecordLeaveInput extends CommandInput {
  teacherId: string;
  reason: LeaveReason;
  from: string;
  to?: string | null | undefined;
}

/** Records a long leave of a teacher in service. */
export async function recordLeave(context: Context, input: RecordLeaveInput): Promise<LeaveRef> {
  return command(context, 'leave.record', input, async (tx) => {
    const { manager, now } = tx;
    const { reason, from } = input;
    const { teacher, post } = await lockTeacher(tx, input.teacherId, (actor, unit) =>
      may(actor, 'record', unit),
    );
    const policies = await policiesOn(manager, from, post.unitCode);
    const exempting = orRefuse(() => policies.value<string[]>('personnel.exemptReasons'));
    const days = { from, to: input.to ?? null };
    const { hiredOn } = teacher;
    const others = await manager.findBy(Leave, { teacherId: teacher.id, withdrawnAt: IsNull() });
    const today = localDate(now);
    enforce(mayTakeLeave({ reason, exempting, days, hiredOn, others, today }));
    const leave = manager.create(Leave, {
      id: tx.newId(),
      teacherId: teacher.id,
      ...days,
      recordedAt: now,
      withdrawnAt: null,
    });
    await manager.insert(Leave, { ...leave, reasonSealed: sealReason(leave.id, reason) });
    return tell(tx, leave);
  });
}

export interface EndLeaveInput extends CommandInput {
  leaveId: string;
  on: string;
}

/** Sets the last day of a leave. */
export async function endLeave(context: Context, input: EndLeaveInput): Promise<LeaveRef> {
  return command(context, 'leave.end', input, async (tx) => {
    const leave = await lockLeave(tx, input.leaveId, 'end');
    const { on } = input;
    enforce(mayEndLeave({ leave, on, today: localDate(tx.now) }));
    await tx.manager.update(Leave, { id: leave.id }, { to: on });
    return tell(tx, { ...leave, to: on });
  });
}

export interface WithdrawLeaveInput extends CommandInput {
  leaveId: string;
}

/** Takes back a leave that was recorded in error. */
export async function withdrawLeave(
  context: Context,
  input: WithdrawLeaveInput,
): Promise<LeaveRef> {
  return command(context, 'leave.withdraw', input, async (tx) => {
    const leave = await lockLeave(tx, input.leaveId, 'withdraw');
    await tx.manager.update(Leave, { id: leave.id }, { withdrawnAt: tx.now });
    return tell(tx, { ...leave, withdrawnAt: tx.now });
  });
}

/**
 * A leave that counts, of a teacher for whom the actor may do this; her row is locked. It can be
 * set right after she has retired too: the verdicts of her last years hang on it.
 */
async function lockLeave(tx: CommandTx, id: string, action: 'end' | 'withdraw'): Promise<Leave> {
  const missing = () => notFound({ zh: '请假登记', en: 'leave' }, id);
  const found = isTeacherId(id) ? await tx.manager.findOneBy(Leave, { id }) : null;
  if (!found) throw missing();
  await lockRecord(tx, found.teacherId, (actor, unit) => may(actor, action, unit));
  // As it is now that nobody else changes it.
  const leave = await tx.manager.findOneBy(Leave, { id, withdrawnAt: IsNull() });
  if (!leave) throw missing();
  return leave;
}

/** Tells of a leave as it stands: when, not why. */
async function tell(tx: CommandTx, leave: Leave): Promise<LeaveRef> {
  const { id: leaveId, teacherId, from, to, withdrawnAt } = leave;
  const withdrawn = withdrawnAt !== null;
  await tx.emit(leaveRecorded, teacherId, { teacherId, leaveId, from, to, withdrawn });
  tx.subject('Leave', leaveId);
  return { teacherId, leaveId };
}
