import { requireOrgUnit } from '@yanxiu/registry/scope';
import { command, type CommandInput } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { DomainError, badInput, notFound } from '@yanxiu/subgraph/errors';
import { lockBalances, post } from '../ledger/queries.js';
import { move } from '../ledger/rules.js';
import { assess, lockYear } from '../requirement/queries.js';
import { isUuid } from '../unit/queries.js';
import { may, mayAdjust, mayApprove, type BudgetSource } from './rules.js';

export interface ApproveBudgetInput extends CommandInput {
  /** Only the generator gives one. */
  id?: string;
  unit?: string | null | undefined;
  fiscalYear: number;
  source: BudgetSource;
  amount: number;
}

/** Enters the approved budget of the actor's unit for a fiscal year. */
export async function approveBudget(
  context: Context,
  input: ApproveBudgetInput,
): Promise<{ budgetId: string }> {
  return command(context, 'budget.approve', input, async (tx) => {
    const { manager, actor } = tx;
    const unitCode = input.unit ?? actor.unit;
    permit(may(actor, 'approve', { unitCode }));
    const unit = await requireOrgUnit(manager, unitCode);
    const { fiscalYear, source, amount } = input;
    if (fiscalYear < 2000 || fiscalYear > 2100) {
      throw badInput('预算年度须在 2000 与 2100 之间。', 'fiscalYear must be from 2000 to 2100.');
    }
    enforce(mayApprove(unit, source, amount));
    await lockYear(manager, unit.code, fiscalYear);
    const id = input.id ?? tx.newId();
    const made: unknown[] = await manager.query(
      `INSERT INTO budget (id, unit_code, fiscal_year, source, approved_by, approved_at)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (unit_code, fiscal_year) DO NOTHING
       RETURNING id`,
      [id, unit.code, fiscalYear, source, actor.subject, tx.now],
    );
    if (made.length === 0) {
      throw new DomainError('CONFLICT', {
        zh: `单位 ${unit.code} 的 ${fiscalYear} 年预算已批复，请使用预算调整。`,
        en: `Unit ${unit.code} has a budget for ${fiscalYear} already: adjust it.`,
      });
    }
    await manager.query('INSERT INTO account_balance (budget_id) VALUES ($1)', [id]);
    const lines = move('APPROPRIATION', 'AVAILABLE', amount);
    await post(tx, { budgetId: id, kind: 'APPROVE', lines });
    await assess(tx, unit, fiscalYear);
    tx.subject('Budget', id);
    return { budgetId: id };
  });
}

export interface AdjustBudgetInput extends CommandInput {
  budgetId: string;
  /** What is added, or taken away when negative. */
  delta: number;
  reason: string;
}

/** Raises or lowers a budget of the actor's unit, never below what is bound. */
export async function adjustBudget(
  context: Context,
  input: AdjustBudgetInput,
): Promise<{ budgetId: string }> {
  return command(context, 'budget.adjust', input, async (tx) => {
    const { manager, actor } = tx;
    const { budgetId, delta } = input;
    const reason = input.reason.trim();
    if (reason === '') throw badInput('请说明调整理由。', 'Give the reason of the adjustment.');
    const rows: { unit: string; year: number }[] = isUuid(budgetId)
      ? await manager.query(
          'SELECT unit_code AS unit, fiscal_year AS year FROM budget WHERE id = $1',
          [budgetId],
        )
      : [];
    const [budget] = rows;
    if (!budget) throw notFound({ zh: '预算', en: 'budget' }, budgetId);
    permit(may(actor, 'adjust', { unitCode: budget.unit }));
    await lockYear(manager, budget.unit, budget.year);
    enforce(mayAdjust(await lockBalances(manager, budgetId), delta));
    const lines = move('APPROPRIATION', 'AVAILABLE', delta);
    await post(tx, { budgetId, kind: 'ADJUST', lines, reason });
    await assess(tx, await requireOrgUnit(manager, budget.unit), budget.year);
    tx.subject('Budget', budgetId);
    return { budgetId };
  });
}
