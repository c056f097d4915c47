import { claimDecided, hoursCredited, hoursRefused, hoursReversed } from '@yanxiu/contracts/hours';
import type { Tx } from '@yanxiu/messaging/transaction';
import type { Bilingual } from '@yanxiu/subgraph/errors';
import { isCredit, type Posting } from '../ledger/queries.js';
import type { Change } from './changes.js';
import { reasonOf } from './trace.js';

const OTHER_TRAINING: Bilingual = {
  zh: '其他培训的认定改变了本项结果，原认定冲销后重新认定。',
  en: 'Other training changed the result: taken back and decided anew.',
};

/** Tells of decisions on participations and on claims; `why` an earlier one is taken back. */
export async function publish(
  tx: Tx,
  changes: readonly Change[],
  why: Bilingual = OTHER_TRAINING,
): Promise<void> {
  for (const change of changes) {
    const { enrolmentId, projectId } = change.cause;
    if (enrolmentId === null || projectId === null) await publishClaim(tx, change);
    else await publishParticipation(tx, change, { enrolmentId, projectId }, why);
  }
}

const told = (entries: readonly Posting[]) =>
  entries.map(({ id, year, centihours }) => ({ entryId: id, year, centihours }));

const creditsOf = ({ entries }: Change) => told(entries.filter(isCredit));

const reversalsOf = ({ entries }: Change) => told(entries.filter((entry) => !isCredit(entry)));

/** What is taken back, then what is decided instead. */
async function publishParticipation(
  tx: Tx,
  change: Change,
  ids: { enrolmentId: string; projectId: string },
  reversedWhy: Bilingual,
): Promise<void> {
  const { decisionId, cause, outcome, earlier } = change;
  const { causeId, teacherId } = cause;
  const decision = { causeId, decisionId, teacherId, ...ids, at: tx.now.toISOString() };
  if (earlier) {
    await tx.emit(hoursReversed, causeId, {
      ...decision,
      reversedDecisionId: earlier.decisionId,
      reason: reversedWhy,
      entries: reversalsOf(change),
    });
  }
  if (outcome.rule === null) {
    await tx.emit(hoursCredited, causeId, { ...decision, entries: creditsOf(change) });
  } else {
    const reason = reasonOf(outcome, cause.policies.value('hours.maxAbsenceShare'));
    await tx.emit(hoursRefused, causeId, { ...decision, rule: outcome.rule, reason });
  }
}

/** What holds from now on, whatever held before. */
async function publishClaim(tx: Tx, change: Change): Promise<void> {
  const { decisionId, cause, outcome } = change;
  const { causeId: claimId, teacherId, unitCode, registrarCode, source } = cause;
  await tx.emit(claimDecided, claimId, {
    claimId,
    teacherId,
    unitCode,
    registrarCode,
    source,
    decisionId,
    outcome: outcome.rule === null ? 'CREDITED' : 'REFUSED',
    rule: outcome.rule,
    entries: creditsOf(change),
    at: tx.now.toISOString(),
  });
}
