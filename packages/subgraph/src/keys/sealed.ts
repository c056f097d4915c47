import type { Keyring } from '../keyring.js';

/** A table with columns that a keyring has sealed. */
export interface SealedTable {
  table: string;
  /** Its primary key, a uuid. */
  id: string;
  columns: readonly string[];
  /** What a value is bound to, as it was sealed. */
  context(column: string, id: string): string;
}

/** A table of keyed hashes (`key_id`, `hash`, and whose it is) of one sealed column. */
export interface HashTable {
  table: string;
  /** The column with the id of the row whose column is hashed. */
  owner: string;
  of: SealedTable;
  column: string;
}

/** What a service keeps under its keyring. */
export interface Sealed {
  keyring(): Keyring;
  tables: readonly SealedTable[];
  hashes?: HashTable;
}
