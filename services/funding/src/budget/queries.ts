import { inOrder, load, type Batch, type Context } from '@yanxiu/subgraph/context';
import { splitKeys, yearKey } from '../base/queries.js';
import { BALANCES } from '../ledger/queries.js';
import type { Balances } from '../ledger/rules.js';
import { canSee, visible } from '../unit/queries.js';
import type { BudgetSource } from './rules.js';

/** A unit's training budget for a fiscal year, with its balances. */
export interface BudgetRow {
  id: string;
  unitCode: string;
  fiscalYear: number;
  source: BudgetSource;
  approvedAt: Date;
  balances: Balances;
}

const SELECT = `SELECT b.id, b.unit_code AS "unitCode", b.fiscal_year AS "fiscalYear", b.source,
  b.approved_at AS "approvedAt", ${BALANCES}
  FROM budget b JOIN account_balance a ON a.budget_id = b.id`;

const budgetsById: Batch<string, BudgetRow> = async ({ db }, ids) => {
  const rows: BudgetRow[] = await db.query(`${SELECT} WHERE b.id = ANY($1::uuid[])`, [ids]);
  return inOrder(ids, rows, (row) => row.id);
};

const budgetsByYear: Batch<string, BudgetRow> = async ({ db }, keys) => {
  const rows: BudgetRow[] = await db.query(
    `${SELECT} JOIN unnest($1::text[], $2::int[]) AS k (code, year)
       ON b.unit_code = k.code AND b.fiscal_year = k.year`,
    splitKeys(keys),
  );
  return inOrder(keys, rows, (row) => yearKey(row.unitCode, row.fiscalYear));
};

/** A budget by id; null outside the actor's jurisdiction. */
export const budgetById = async (context: Context, id: string): Promise<BudgetRow | null> =>
  visible(context, await load(context, budgetsById, id));

/** The budget of a unit for a year; null without one, or outside the actor's jurisdiction. */
export const budgetOf = async (
  context: Context,
  unitCode: string,
  fiscalYear: number,
): Promise<BudgetRow | null> =>
  (await canSee(context, unitCode))
    ? load(context, budgetsByYear, yearKey(unitCode, fiscalYear))
    : null;
