import { yearsAfter } from '@yanxiu/subgraph/calendar';
import { over, type Acting, type Governed } from '@yanxiu/registry/permission';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';
import type { Leave, LeaveReason } from './entity.js';

/** Who may, of a teacher whose post lies in `unit`. */
export const may = rights({
  record: (actor: Acting, unit: Governed) =>
    all(inRole(actor, 'OFFICER', 'COORDINATOR'), over(actor, unit)),
  end: (actor: Acting, unit: Governed) =>
    all(inRole(actor, 'OFFICER', 'COORDINATOR'), over(actor, unit)),
  withdraw: (actor: Acting, unit: Governed) => all(inRole(actor, 'OFFICER'), over(actor, unit)),
});

type Days = Pick<Leave, 'from' | 'to'>;

/** A leave without a last day reaches beyond every other. */
const overlap = (a: Days, b: Days): boolean =>
  (b.to === null || a.from <= b.to) && (a.to === null || b.from <= a.to);

/** A leave for a reason that exempts (A3), in service, begun within a year, beside no other. */
export function mayTakeLeave(leave: {
  reason: LeaveReason;
  exempting: readonly string[];
  days: Days;
  hiredOn: string;
  others: readonly Days[];
  today: string;
}): Decision {
  const { reason, exempting, days, hiredOn, others, today } = leave;
  if (!exempting.includes(reason)) {
    return refused(
      'LEAVE-REASON',
      `事由 ${reason} 不减免学时，无需登记。减免的事由：${exempting.join('、')}。`,
      `The reason ${reason} lowers no requirement and is not recorded. Those that do: ${exempting.join(', ')}.`,
    );
  }
  const latest = yearsAfter(today, 1);
  if (days.from < hiredOn || days.from > latest || (days.to !== null && days.to < days.from)) {
    return refused(
      'LEAVE-DATES',
      `起始日须在 ${hiredOn} 与 ${latest} 之间，终止日不得早于起始日。`,
      `The first day must be from ${hiredOn} to ${latest}, and the last day not before it.`,
    );
  }
  const other = others.find((each) => overlap(days, each));
  if (!other) return accepted();
  return refused(
    'LEAVE-OVERLAP',
    `与 ${other.from} 起的请假重叠：请先终止或撤销该条登记。`,
    `It overlaps the leave from ${other.from}: end or withdraw that one first.`,
  );
}

/** A leave ends on a day of its own, no later than was recorded. */
export function mayEndLeave(end: { leave: Days; on: string; today: string }): Decision {
  const { leave, on, today } = end;
  const latest = leave.to ?? yearsAfter(today, 1);
  if (on >= leave.from && on <= latest) return accepted();
  return refused(
    'LEAVE-DATES',
    `终止日须在 ${leave.from} 与 ${latest} 之间。`,
    `The last day must be from ${leave.from} to ${latest}.`,
  );
}
