import pg from 'pg';
import type { Transport } from '@yanxiu/messaging/port';
import type { Entity } from '../database.js';
import { applyShadow, digestOf, type Change, type Digest } from './compare.js';
import type { DerivedView, View } from './view.js';

const LOCK_PATIENCE = '10s';

export interface RebuildOptions {
  /** Name of the service and of its consumer. */
  service: string;
  ownerUrl: string;
  entities: readonly Entity[];
  view: View | DerivedView;
  transport: Pick<Transport, 'read'>;
  /** Compares, and changes nothing. */
  checkOnly: boolean;
  onProgress(done: number, total: number): void;
  /** Called in the transaction of the change, for the audit row. */
  onChange(client: pg.ClientBase): Promise<void>;
}

export interface TableResult {
  table: string;
  /** The view as it was. */
  live: Digest;
  /** The shadow that was built from the log. */
  shadow: Digest;
  /** Null where nothing differed, or nothing was to be changed. */
  change: Change | null;
}

export interface RebuildResult {
  view: string;
  events: number;
  same: boolean;
  swapped: boolean;
  tables: TableResult[];
}

/** A rebuild that cannot be finished; the view is as it was. */
export class RebuildFailed extends Error {}

/** Until the end of the transaction writers of these tables wait. */
export async function standStill(
  owner: pg.ClientBase,
  { tables: names }: Pick<View, 'tables'>,
): Promise<void> {
  await owner.query(`SET LOCAL lock_timeout = '${LOCK_PATIENCE}'`);
  const tables = names.map((table) => `public.${pg.escapeIdentifier(table)}`);
  await owner.query(`LOCK TABLE ${tables.join(', ')} IN SHARE ROW EXCLUSIVE MODE`);
}

const differs = ({ live, shadow }: TableResult): boolean => live.digest !== shadow.digest;

/** Mends what differs, unless it was only to be compared, and ends the transaction. */
export async function conclude(
  owner: pg.ClientBase,
  { view, checkOnly, onChange }: Pick<RebuildOptions, 'view' | 'checkOnly' | 'onChange'>,
  events: number,
  tables: TableResult[],
): Promise<RebuildResult> {
  const same = !tables.some(differs);
  const comparedBy = 'comparedBy' in view ? view.comparedBy : undefined;
  if (!checkOnly) {
    for (const table of tables) {
      const by = comparedBy?.[table.table];
      if (differs(table)) table.change = await applyShadow(owner, table.table, by);
    }
    for (const { table, shadow } of tables) {
      const { digest } = await digestOf(owner, 'public', table, comparedBy?.[table]);
      if (digest !== shadow.digest) throw new RebuildFailed(`${table} did not become its shadow`);
    }
    await onChange(owner);
  }
  await owner.query(checkOnly ? 'ROLLBACK' : 'COMMIT');
  return { view: view.name, events, same, swapped: !checkOnly && !same, tables };
}
