import pg from 'pg';
import type { DataSource } from 'typeorm';
import { asSystem, scopedTo, type Scope } from '@yanxiu/subgraph/scoped-database';

/** Rows as JSON objects, by the name of their table. */
export type RowsByTable = Record<string, Record<string, unknown>[]>;

/** Tables behind the fence of row-level security; of a partitioned one not its parts. */
export async function fencedTables(db: DataSource): Promise<string[]> {
  const rows: { name: string }[] = await asSystem(db).query(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relrowsecurity AND NOT relispartition
     ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

const everyRow = (table: string): string => `SELECT to_jsonb(t) AS row FROM ${table} t`;

/** What a query that forgets every filter finds in each fenced table, within a scope. */
export async function rowsSeen(db: DataSource, scope: Scope): Promise<RowsByTable> {
  const scoped = scopedTo(db, scope);
  const seen: RowsByTable = {};
  for (const table of await fencedTables(db)) {
    const rows: { row: Record<string, unknown> }[] = await scoped.query(everyRow(table));
    seen[table] = rows.map(({ row }) => row);
  }
  return seen;
}

/** The fenced tables in which a session finds rows that has set no scope at all, as psql does. */
export async function openWithoutScope(db: DataSource): Promise<string[]> {
  const client = new pg.Client({ connectionString: String(Reflect.get(db.options, 'url')) });
  await client.connect();
  try {
    const open: string[] = [];
    for (const table of await fencedTables(db)) {
      const { rowCount } = await client.query(everyRow(table));
      if (rowCount) open.push(table);
    }
    return open;
  } finally {
    await client.end();
  }
}

/** The tables that have rows. */
export const tablesWithRows = (seen: RowsByTable): string[] =>
  Object.keys(seen).filter((table) => seen[table]?.length);
