import { policiesOn } from '@yanxiu/registry/policy';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandInput, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { badInput, notFound } from '@yanxiu/subgraph/errors';
import {
  lockCommitment,
  lockFunds,
  moveCommitment,
  type CommitmentRow,
} from '../commitment/queries.js';
import { lockBalances, post } from '../ledger/queries.js';
import { move } from '../ledger/rules.js';
import { isUuid } from '../unit/queries.js';
import { findPayment } from './queries.js';
import { may, mayPay, mayReverse } from './rules.js';

export interface RecordPaymentInput extends CommandInput {
  /** Only the generator gives one. */
  id?: string;
  projectId: string;
  amount: number;
  category: string;
  payee: string;
  paidOn: string;
}

/** Records a payment against the commitment of a project of the actor's unit. */
export async function recordPayment(
  context: Context,
  input: RecordPaymentInput,
): Promise<{ paymentId: string }> {
  return command(context, 'payment.record', input, async (tx) => {
    const { manager, actor } = tx;
    const { projectId, amount: amountFen, category } = input;
    const funds = isUuid(projectId) ? await lockFunds(manager, projectId) : null;
    if (!funds) throw notFound({ zh: '项目经费', en: 'funds of a project' }, projectId);
    permit(may(actor, 'record', funds));
    const payee = checkedPayee(tx, input, funds.fiscalYear);
    const commitment =
      funds.state === 'COMMITTED' && funds.commitmentId
        ? await lockCommitment(manager, funds.commitmentId)
        : null;
    const policies = await policiesOn(manager, input.paidOn, funds.unitCode);
    enforce(mayPay({ projectId, amountFen, category }, commitment, policies));
    if (!commitment?.budgetId) throw new Error(`commitment of ${projectId} without a budget`);
    const entryId = await pay(tx, commitment, commitment.budgetId, amountFen);
    const id = input.id ?? tx.newId();
    await manager.query(
      `INSERT INTO payment (id, commitment_id, project_id, entry_id, unit_code, fiscal_year,
         amount_fen, category, payee, paid_on, recorded_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        id,
        commitment.id,
        projectId,
        entryId,
        funds.unitCode,
        funds.fiscalYear,
        amountFen,
        category,
        payee,
        input.paidOn,
        tx.now,
      ],
    );
    tx.subject('Payment', id);
    return { paymentId: id };
  });
}

function checkedPayee(tx: CommandTx, input: RecordPaymentInput, fiscalYear: number): string {
  const payee = input.payee.trim();
  if (payee === '') throw badInput('请填写收款方。', 'Name the payee.');
  if (input.paidOn > localDate(tx.now)) {
    throw badInput('支付日期不能晚于今天。', 'paidOn cannot be in the future.');
  }
  if (input.paidOn < `${fiscalYear}-01-01`) {
    throw badInput(
      `支付日期不能早于预算年度 ${fiscalYear} 年。`,
      `paidOn cannot be before the fiscal year ${fiscalYear}.`,
    );
  }
  return payee;
}

async function pay(
  tx: CommandTx,
  commitment: CommitmentRow,
  budgetId: string,
  amountFen: number,
): Promise<string | null> {
  const { id, projectId, requestId } = commitment;
  await lockBalances(tx.manager, budgetId);
  await moveCommitment(tx.manager, id, { paidFen: amountFen, releasedFen: 0 });
  const lines = move('COMMITTED', 'PAID', amountFen);
  return post(tx, { budgetId, kind: 'PAY', lines, projectId, requestId });
}

export interface ReversePaymentInput extends CommandInput {
  paymentId: string;
  reason: string;
}

/** Takes a payment back by an entry that names the old one. */
export async function reversePayment(
  context: Context,
  input: ReversePaymentInput,
): Promise<{ paymentId: string }> {
  return command(context, 'payment.reverse', input, async (tx) => {
    const { manager, actor } = tx;
    const { paymentId } = input;
    const reason = input.reason.trim();
    if (reason === '') throw badInput('请说明冲销理由。', 'Give the reason of the reversal.');
    const found = isUuid(paymentId) ? await findPayment(manager, paymentId) : null;
    if (!found) throw notFound({ zh: '支付', en: 'payment' }, paymentId);
    permit(may(actor, 'reverse', found));
    await lockFunds(manager, found.projectId);
    const commitment = await lockCommitment(manager, found.commitmentId);
    if (!commitment?.budgetId) throw new Error(`payment ${paymentId} without a commitment`);
    // Read again under the lock: another reversal may have come first.
    const payment = await findPayment(manager, paymentId);
    enforce(mayReverse(paymentId, payment?.reversalId !== null));
    const { amountFen } = found;
    // What a cancelled project gives back is free again, not committed.
    const released = commitment.releasedAt !== null;
    await lockBalances(manager, commitment.budgetId);
    await moveCommitment(manager, commitment.id, {
      paidFen: -amountFen,
      releasedFen: released ? amountFen : 0,
    });
    await post(tx, {
      budgetId: commitment.budgetId,
      kind: 'REVERSE',
      lines: move('PAID', released ? 'AVAILABLE' : 'COMMITTED', amountFen),
      projectId: found.projectId,
      requestId: commitment.requestId,
      reversesEntryId: found.entryId,
      reason,
    });
    tx.subject('Payment', paymentId);
    return { paymentId };
  });
}
