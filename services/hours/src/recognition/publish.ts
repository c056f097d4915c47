import { hoursCredited, hoursRefused, hoursReversed } from '@yanxiu/contracts/hours';
import type { Tx } from '@yanxiu/messaging/transaction';
import { isCredit } from '../ledger/queries.js';
import type { Change } from './changes.js';
import { reasonOf } from './trace.js';

/** Tells of decisions: what is taken back, then what is decided instead. */
export async function publish(tx: Tx, changes: readonly Change[]): Promise<void> {
  for (const { decisionId, cause, outcome, earlier, entries } of changes) {
    const { causeId, teacherId, projectId, enrolmentId } = cause;
    const at = tx.now.toISOString();
    const decision = { causeId, decisionId, teacherId, projectId, enrolmentId, at };
    const told = (credits: boolean) =>
      entries
        .filter((entry) => isCredit(entry) === credits)
        .map(({ id, year, centihours }) => ({ entryId: id, year, centihours }));
    if (earlier) {
      await tx.emit(hoursReversed, causeId, {
        ...decision,
        reversedDecisionId: earlier.decisionId,
        reason: {
          zh: '其他培训的认定改变了本项结果，原认定冲销后重新认定。',
          en: 'Training that shares its dates changed the result: taken back and decided anew.',
        },
        entries: told(false),
      });
    }
    if (outcome.rule === null) {
      await tx.emit(hoursCredited, causeId, { ...decision, entries: told(true) });
    } else {
      const { rule } = outcome;
      const reason = reasonOf(outcome, cause.policies.value('hours.maxAbsenceShare'));
      await tx.emit(hoursRefused, causeId, { ...decision, rule, reason });
    }
  }
}
