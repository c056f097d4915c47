import type { EntityManager } from 'typeorm';
import { within } from '@yanxiu/registry/org-unit';
import {
  grouped,
  inOrder,
  load,
  requireActor,
  type Batch,
  type Context,
} from '@yanxiu/subgraph/context';
import { connectionOf, pageOf, type Connection, type PageArgs } from '@yanxiu/subgraph/pagination';
import { READERS, checkedId, visible } from '../unit/queries.js';

/** One immutable payment; a later entry may take it back. */
export interface PaymentRow {
  id: string;
  commitmentId: string;
  projectId: string;
  entryId: string;
  unitCode: string;
  fiscalYear: number;
  amountFen: number;
  category: string;
  payee: string;
  paidOn: string;
  recordedAt: Date;
  reversalId: string | null;
}

const SELECT = `SELECT p.id, p.commitment_id AS "commitmentId", p.project_id AS "projectId",
  p.entry_id AS "entryId", p.unit_code AS "unitCode", p.fiscal_year AS "fiscalYear",
  p.amount_fen::float8 AS "amountFen", p.category, p.payee, p.paid_on::text AS "paidOn",
  p.recorded_at AS "recordedAt", r.id AS "reversalId"
  FROM payment p LEFT JOIN journal_entry r ON r.reverses_entry_id = p.entry_id`;

/** A payment, inside a transaction. */
export async function findPayment(manager: EntityManager, id: string): Promise<PaymentRow | null> {
  const rows: PaymentRow[] = await manager.query(`${SELECT} WHERE p.id = $1`, [id]);
  return rows[0] ?? null;
}

const paymentsById: Batch<string, PaymentRow> = async ({ db }, ids) => {
  const rows: PaymentRow[] = await db.query(`${SELECT} WHERE p.id = ANY($1::uuid[])`, [ids]);
  return inOrder(ids, rows, (row) => row.id);
};

/** A payment; null outside the actor's jurisdiction. */
export const paymentById = async (context: Context, id: string): Promise<PaymentRow | null> =>
  visible(context, await load(context, paymentsById, id));

/** The payments of commitments, for a DataLoader. */
export const paymentsOfCommitments: Batch<string, PaymentRow[]> = async ({ db }, ids) => {
  const rows: PaymentRow[] = await db.query(
    `${SELECT} WHERE p.commitment_id = ANY($1::uuid[]) ORDER BY p.recorded_at, p.id`,
    [ids],
  );
  return grouped(ids, rows, (row) => row.commitmentId);
};

export interface PaymentsFilter extends PageArgs {
  projectId?: string | null;
  unit?: string | null;
  fiscalYear?: number | null;
  category?: string | null;
}

/** Payments of the actor's jurisdiction, in the order of their ids (time of recording). */
export async function payments(
  context: Context,
  filter: PaymentsFilter,
): Promise<Connection<PaymentRow>> {
  const actor = requireActor(context, ...READERS);
  const page = pageOf(filter, 'uuid');
  const rows: PaymentRow[] = await context.db.query(
    `${SELECT} JOIN org_unit u ON u.code = p.unit_code
     WHERE ${within('u.path', '$1')} AND ($2::uuid IS NULL OR p.project_id = $2)
       AND ($3::text IS NULL OR p.unit_code = $3) AND ($4::int IS NULL OR p.fiscal_year = $4)
       AND ($5::text IS NULL OR p.category = $5) AND ($6::uuid IS NULL OR p.id > $6)
     ORDER BY p.id LIMIT $7`,
    [
      actor.unit,
      checkedId(filter.projectId),
      filter.unit ?? null,
      filter.fiscalYear ?? null,
      filter.category ?? null,
      page.after?.[0] ?? null,
      page.limit + 1,
    ],
  );
  return connectionOf(rows, page, (row) => [row.id]);
}
