import type { EntityManager } from 'typeorm';
import type { Tx } from '@yanxiu/messaging/transaction';
import { grouped, inOrder, load, type Batch, type Context } from '@yanxiu/subgraph/context';
import { connectionOf, pageOf, type Connection, type PageArgs } from '@yanxiu/subgraph/pagination';
import { checkedId, overseen, visible } from '../unit/queries.js';
import type { Account, Balances, EntryKind, Line } from './rules.js';

/** One immutable entry of the journal. */
export interface JournalEntryRow {
  id: string;
  seq: string;
  unitCode: string;
  fiscalYear: number;
  budgetId: string;
  kind: EntryKind;
  projectId: string | null;
  requestId: string | null;
  reason: string | null;
  reversesEntryId: string | null;
  at: Date;
}

/** An entry to make. */
export interface NewEntry {
  budgetId: string;
  kind: EntryKind;
  lines: readonly Line[];
  projectId?: string;
  requestId?: string;
  reason?: string;
  reversesEntryId?: string;
}

/** SQL of a budget's balances as JSON by account; `a` is the row of account_balance. */
export const BALANCES = `json_build_object('APPROPRIATION', a.appropriation_fen,
  'AVAILABLE', a.available_fen, 'RESERVED', a.reserved_fen, 'COMMITTED', a.committed_fen,
  'PAID', a.paid_fen) AS balances`;

/** Locks a budget's balances until the end of the transaction, and reads them. */
export async function lockBalances(manager: EntityManager, budgetId: string): Promise<Balances> {
  const rows: { balances: Balances }[] = await manager.query(
    `SELECT ${BALANCES} FROM account_balance a WHERE budget_id = $1 FOR UPDATE`,
    [budgetId],
  );
  if (!rows[0]) throw new Error(`budget ${budgetId} has no balances`);
  return rows[0].balances;
}

/** Adds an entry and moves the balances with it; the database refuses what goes below zero. */
export async function post(tx: Tx, entry: NewEntry): Promise<string | null> {
  if (entry.lines.length === 0) return null;
  const { manager } = tx;
  const id = tx.newId();
  const { budgetId, kind, projectId, requestId, reason, reversesEntryId, lines } = entry;
  await manager.query(
    `INSERT INTO journal_entry (id, budget_id, kind, project_id, request_id, reason,
       reverses_entry_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      id,
      budgetId,
      kind,
      projectId ?? null,
      requestId ?? null,
      reason ?? null,
      reversesEntryId ?? null,
      tx.now,
    ],
  );
  await manager.query(
    `INSERT INTO journal_line (entry_id, account, amount_fen)
     SELECT $1, l.account, l.amount FROM unnest($2::text[], $3::bigint[]) AS l (account, amount)`,
    [id, lines.map(({ account }) => account), lines.map(({ amountFen }) => amountFen)],
  );
  const amount = (account: Account) =>
    lines.reduce((sum, line) => (line.account === account ? sum + line.amountFen : sum), 0);
  await manager.query(
    `UPDATE account_balance SET appropriation_fen = appropriation_fen + $2,
       available_fen = available_fen + $3, reserved_fen = reserved_fen + $4,
       committed_fen = committed_fen + $5, paid_fen = paid_fen + $6 WHERE budget_id = $1`,
    [
      budgetId,
      amount('APPROPRIATION'),
      amount('AVAILABLE'),
      amount('RESERVED'),
      amount('COMMITTED'),
      amount('PAID'),
    ],
  );
  return id;
}

const COLUMNS = `e.id, e.seq::text AS seq, b.unit_code AS "unitCode",
  b.fiscal_year AS "fiscalYear", e.budget_id AS "budgetId", e.kind, e.project_id AS "projectId",
  e.request_id AS "requestId", e.reason, e.reverses_entry_id AS "reversesEntryId", e.at`;

const entriesById: Batch<string, JournalEntryRow> = async ({ db }, ids) => {
  const rows: JournalEntryRow[] = await db.query(
    `SELECT ${COLUMNS} FROM journal_entry e JOIN budget b ON b.id = e.budget_id
     WHERE e.id = ANY($1::uuid[])`,
    [ids],
  );
  return inOrder(ids, rows, (row) => row.id);
};

/** An entry; null outside the actor's jurisdiction. */
export const entryById = async (context: Context, id: string): Promise<JournalEntryRow | null> =>
  visible(context, await load(context, entriesById, id));

/** The lines of entries, for a DataLoader. */
export const linesOfEntries: Batch<string, Line[]> = async ({ db }, ids) => {
  const rows: (Line & { entryId: string })[] = await db.query(
    `SELECT entry_id AS "entryId", account, amount_fen::float8 AS "amountFen"
     FROM journal_line WHERE entry_id = ANY($1::uuid[]) ORDER BY amount_fen`,
    [ids],
  );
  return grouped(ids, rows, (row) => row.entryId);
};

export interface JournalFilter extends PageArgs {
  unit: string;
  fiscalYear: number;
  projectId?: string | null;
}

/** The journal of a unit's year, in the order in which it was written. */
export async function journal(
  context: Context,
  filter: JournalFilter,
): Promise<Connection<JournalEntryRow>> {
  await overseen(context, filter.unit, ['AUDITOR', 'FINANCE', 'OFFICER']);
  const page = pageOf(filter, 'bigint');
  const rows: JournalEntryRow[] = await context.db.query(
    `SELECT ${COLUMNS} FROM journal_entry e JOIN budget b ON b.id = e.budget_id
     WHERE b.unit_code = $1 AND b.fiscal_year = $2 AND ($3::uuid IS NULL OR e.project_id = $3)
       AND ($4::bigint IS NULL OR e.seq > $4) ORDER BY e.seq LIMIT $5`,
    [
      filter.unit,
      filter.fiscalYear,
      checkedId(filter.projectId),
      page.after?.[0] ?? null,
      page.limit + 1,
    ],
  );
  return connectionOf(rows, page, (row) => [row.seq]);
}
