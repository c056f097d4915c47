import type { DataSource, EntityManager } from 'typeorm';
import type { HashTable, Sealed, SealedTable } from './sealed.js';

/** Rows that one transaction takes: short enough that nobody who waits for a row notices. */
const BATCH = 100;

export interface Resealed {
  /** Rows with a value sealed anew under the active key. */
  sealed: number;
  /** Rows hashed anew under the active hash key. */
  hashed: number;
}

type OnProgress = (done: number, total: number) => void;

/**
 * Brings every row under the active keys while the service goes on: batch by batch, each in a
 * transaction of its own. What is left to do stands in the rows themselves, so that a run that was
 * ended goes on where it was.
 */
export async function reseal(
  db: DataSource,
  { keyring, tables, hashes }: Sealed,
  onProgress: OnProgress = () => undefined,
): Promise<Resealed> {
  const { active, activeHash } = keyring();
  let total = 0;
  for (const table of tables) total += await countRows(db, table.table, stale(table), active);
  if (hashes) total += await countRows(db, hashes.of.table, unhashed(hashes), activeHash);
  const done: Resealed = { sealed: 0, hashed: 0 };
  const tell = (): void => onProgress(done.sealed + done.hashed, total);
  for (const table of tables) {
    await inBatches(
      db,
      (manager) => sealBatch(manager, table, keyring()),
      (rows) => {
        done.sealed += rows;
        tell();
      },
    );
  }
  if (hashes) {
    await inBatches(
      db,
      (manager) => hashBatch(manager, hashes, keyring()),
      (rows) => {
        done.hashed += rows;
        tell();
      },
    );
  }
  return done;
}

/** SQL over `t`: a sealed column is under another key than `$1`. */
export const stale = ({ columns }: SealedTable): string =>
  `(${columns.map((column) => `split_part(t.${column}, '.', 1) <> $1`).join(' OR ')})`;

/** SQL over `t`: there is a value, and no hash of it under the key `$1`. */
export const unhashed = ({ table, owner, of, column }: HashTable): string =>
  `(t.${column} IS NOT NULL AND NOT EXISTS (
      SELECT FROM ${table} h WHERE h.${owner} = t.${of.id} AND h.key_id = $1))`;

export async function countRows(
  db: { query: DataSource['query'] },
  table: string,
  where: string,
  key: string,
): Promise<number> {
  const sql = `SELECT count(*)::int AS n FROM ${table} t WHERE ${where}`;
  const rows: { n: number }[] = await db.query(sql, [key]);
  return rows[0]?.n ?? 0;
}

async function inBatches(
  db: DataSource,
  batch: (manager: EntityManager) => Promise<number>,
  onBatch: (rows: number) => void,
): Promise<void> {
  for (;;) {
    const rows = await db.transaction(batch);
    if (rows === 0) return;
    onBatch(rows);
  }
}

type Row = Record<string, string | null>;

async function sealBatch(
  manager: EntityManager,
  sealed: SealedTable,
  keyring: ReturnType<Sealed['keyring']>,
): Promise<number> {
  const { table, id, columns, context } = sealed;
  const rows: Row[] = await manager.query(
    `SELECT ${[id, ...columns].join(', ')} FROM ${table} t WHERE ${stale(sealed)}
     ORDER BY ${id} LIMIT ${BATCH} FOR UPDATE`,
    [keyring.active],
  );
  if (rows.length === 0) return 0;
  const anew = columns.map((column) =>
    rows.map((row) => {
      const value = row[column];
      if (!value || value.startsWith(`${keyring.active}.`)) return value ?? null;
      const bound = context(column, row[id] ?? '');
      return keyring.encrypt(keyring.decrypt(value, bound), bound);
    }),
  );
  const lists = columns.map((_, at) => `$${at + 2}::text[]`).join(', ');
  await manager.query(
    `UPDATE ${table} t SET ${columns.map((column) => `${column} = v.${column}`).join(', ')}
     FROM unnest($1::uuid[], ${lists}) AS v (id, ${columns.join(', ')}) WHERE t.${id} = v.id`,
    [rows.map((row) => row[id]), ...anew],
  );
  return rows.length;
}

async function hashBatch(
  manager: EntityManager,
  hashes: HashTable,
  keyring: ReturnType<Sealed['keyring']>,
): Promise<number> {
  const { table, owner, of, column } = hashes;
  const rows: Row[] = await manager.query(
    `SELECT ${of.id}, ${column} FROM ${of.table} t WHERE ${unhashed(hashes)}
     ORDER BY ${of.id} LIMIT ${BATCH} FOR UPDATE`,
    [keyring.activeHash],
  );
  if (rows.length === 0) return 0;
  const hashed = rows.map((row) => {
    const opened = keyring.decrypt(row[column] ?? '', of.context(column, row[of.id] ?? ''));
    return keyring.hashes(opened)[0]?.hash;
  });
  const taken: Row[] = await manager.query(
    `INSERT INTO ${table} (key_id, hash, ${owner})
     SELECT $1, * FROM unnest($2::text[], $3::uuid[]) ON CONFLICT DO NOTHING RETURNING ${owner}`,
    [keyring.activeHash, hashed, rows.map((row) => row[of.id])],
  );
  if (taken.length < rows.length) {
    const took = new Set(taken.map((row) => row[owner]));
    const left = rows.map((row) => row[of.id]).filter((each) => !took.has(each ?? ''));
    throw new Error(`${of.table} ${left.join(', ')}: another row has the same ${column}`);
  }
  return rows.length;
}
