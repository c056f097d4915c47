import type { DataSource } from 'typeorm';
import { countRows, stale, unhashed } from './reseal.js';
import type { Sealed } from './sealed.js';

/** How often a key is used by what is stored. */
export interface KeyUse {
  id: string;
  kind: 'SEAL' | 'HASH';
  active: boolean;
  /** Values under this key. */
  uses: number;
}

export interface KeyStatus {
  keys: KeyUse[];
  /** Rows that are not yet under the active keys. */
  left: number;
}

/** Which keys are in use by the rows of a service. */
export async function keyStatus(db: DataSource, sealed: Sealed): Promise<KeyStatus> {
  const { keyring, tables, hashes } = sealed;
  const { active, activeHash } = keyring();
  const uses = new Map<string, number>([[active, 0]]);
  let left = 0;
  for (const table of tables) {
    const columns = table.columns.map((column) => `split_part(${column}, '.', 1)`).join(', ');
    const rows: { id: string; n: number }[] = await db.query(
      `SELECT k.id, count(*)::int AS n FROM ${table.table} t,
         unnest(ARRAY[${columns}]) AS k (id) WHERE k.id IS NOT NULL GROUP BY 1`,
    );
    for (const { id, n } of rows) uses.set(id, (uses.get(id) ?? 0) + n);
    left += await countRows(db, table.table, stale(table), active);
  }
  const keys = [...uses].map(([id, n]): KeyUse => ({
    id,
    kind: 'SEAL',
    active: id === active,
    uses: n,
  }));
  if (hashes) {
    const rows: { id: string; n: number }[] = await db.query(
      `SELECT key_id AS id, count(*)::int AS n FROM ${hashes.table} GROUP BY 1`,
    );
    const all = new Map([[activeHash, 0], ...rows.map(({ id, n }) => [id, n] as const)]);
    for (const [id, n] of all) {
      keys.push({ id, kind: 'HASH', active: id === activeHash, uses: n });
    }
    left += await countRows(db, hashes.of.table, unhashed(hashes), activeHash);
  }
  return { keys, left };
}

/**
 * Whether a former key can go: null, or why not. A hash key is needed until each value has a hash
 * under the active one; a sealing key until no value is under it.
 */
export async function neededFor(
  db: DataSource,
  sealed: Sealed,
  key: string,
): Promise<string | null> {
  const { active, activeHash } = sealed.keyring();
  if (key === active || key === activeHash) return `${key} is active: rotate first`;
  const { keys, left } = await keyStatus(db, sealed);
  const use = keys.find(({ id, kind }) => id === key && kind === 'SEAL');
  if (use && use.uses > 0) return `${use.uses} values are sealed under ${key}: reseal first`;
  if (left > 0) return `${left} rows are not yet under the active keys: reseal first`;
  return null;
}

/** Forgets the hashes under a key that is no longer in the keyring. */
export async function dropHashes(db: DataSource, { hashes }: Sealed, key: string): Promise<number> {
  if (!hashes) return 0;
  const [, dropped]: [unknown, number] = await db.query(
    `DELETE FROM ${hashes.table} WHERE key_id = $1`,
    [key],
  );
  return dropped;
}
