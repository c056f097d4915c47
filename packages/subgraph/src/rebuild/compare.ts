import pg from 'pg';
import { SHADOW } from './shadow.js';

/** What a table holds: how many rows, and a digest of all of them in any order. */
export interface Digest {
  rows: number;
  digest: string;
}

/** What was made equal to the shadow. */
export interface Change {
  added: number;
  changed: number;
  removed: number;
}

interface Columns {
  key: string[];
  all: string[];
}

/** What is compared of a column, by its name; the column itself where nothing is said. */
export type ComparedBy = Readonly<Record<string, (column: string) => string>>;

const rowOf = (columns: readonly string[], comparedBy: ComparedBy, alias = ''): string => {
  const compared = columns.map((column) => {
    const qualified = alias ? `${alias}.${column}` : column;
    return comparedBy[column.replaceAll('"', '')]?.(qualified) ?? qualified;
  });
  return `ROW(${compared.join(', ')})`;
};

const named = (name: string): string => pg.escapeIdentifier(name);

async function columnsOf(client: pg.ClientBase, table: string): Promise<Columns> {
  const { rows } = await client.query<{ name: string; key: boolean }>(
    `SELECT a.attname AS name, coalesce(a.attnum = ANY(i.indkey), false) AS key
     FROM pg_attribute a
     LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
     WHERE a.attrelid = ('public.' || quote_ident($1))::regclass AND a.attnum > 0
       AND NOT a.attisdropped AND a.attidentity = '' AND a.attgenerated = ''
     ORDER BY a.attname`,
    [table],
  );
  const key = rows.filter((row) => row.key).map(({ name }) => named(name));
  if (key.length === 0) throw new Error(`${table} has no primary key to compare by`);
  return { key, all: rows.map(({ name }) => named(name)) };
}

/**
 * Rows and digest of a table. Rows are hashed one by one and then in 4,096 groups, so that neither
 * their order nor their number matters to it.
 */
export async function digestOf(
  client: pg.ClientBase,
  schema: 'public' | typeof SHADOW,
  table: string,
  comparedBy: ComparedBy = {},
): Promise<Digest> {
  const { all } = await columnsOf(client, table);
  const { rows } = await client.query<Digest>(
    `WITH hashed AS (
       SELECT md5(${rowOf(all, comparedBy)}::text) AS hash FROM ${schema}.${named(table)}
     ), grouped AS (
       SELECT substr(hash, 1, 3) AS head, count(*) AS count, md5(string_agg(hash, '' ORDER BY hash)) AS digest
       FROM hashed GROUP BY 1
     )
     SELECT coalesce(sum(count), 0)::int AS rows,
       md5(coalesce(string_agg(digest, '' ORDER BY head), '')) AS digest
     FROM grouped`,
  );
  const [digest] = rows;
  if (!digest) throw new Error(`${table} has no digest`);
  return digest;
}

/**
 * Makes a table equal to its shadow within the caller's transaction, touching only the rows that
 * differ: readers never wait, grants and triggers stay, and a row that a record refers to cannot
 * be removed.
 */
export async function applyShadow(
  client: pg.ClientBase,
  table: string,
  comparedBy: ComparedBy = {},
): Promise<Change> {
  const { key, all } = await columnsOf(client, table);
  const [live, shadow] = [`public.${named(table)}`, `${SHADOW}.${named(table)}`];
  const same = key.map((column) => `s.${column} = l.${column}`).join(' AND ');
  const list = all.join(', ');
  // A table that has just been filled has no statistics: rows would be sought one by one.
  await client.query(`ANALYZE ${shadow}`);
  const { rowCount: removed } = await client.query(
    `DELETE FROM ${live} l WHERE NOT EXISTS (SELECT 1 FROM ${shadow} s WHERE ${same})`,
  );
  const { rowCount: changed } = await client.query(
    `UPDATE ${live} l SET (${list}) = ${rowOf(all, {}, 's')} FROM ${shadow} s
     WHERE ${same}
       AND ${rowOf(all, comparedBy, 'l')} IS DISTINCT FROM ${rowOf(all, comparedBy, 's')}`,
  );
  const { rowCount: added } = await client.query(
    `INSERT INTO ${live} (${list}) SELECT ${list} FROM ${shadow}
     ON CONFLICT (${key.join(', ')}) DO NOTHING`,
  );
  return { added: added ?? 0, changed: changed ?? 0, removed: removed ?? 0 };
}
