import pg from 'pg';
import { DataSource } from 'typeorm';
import type { Entity } from '../database.js';
import { SYSTEM_SESSION } from '../scoped-database.js';
import type { View } from './view.js';

/** Where the shadow of a view stands while it is built. */
export const SHADOW = 'rebuild';

const MACHINERY = [
  'inbox',
  'inbox_taken',
  'inbox_held',
  'dead_letter',
  'outbox',
  'outbox_version',
] as const;

const named = (name: string): string => pg.escapeIdentifier(name);

/**
 * Makes an empty copy of the view's tables, and of what an inbox needs, in a schema of its own.
 * What the handlers only read is there as views that cannot be written; of anything else they find
 * nothing.
 */
export async function createShadow(
  owner: pg.ClientBase,
  view: Pick<View, 'tables' | 'reads'>,
): Promise<void> {
  await dropShadow(owner);
  await owner.query(`CREATE SCHEMA ${SHADOW}`);
  for (const table of [...view.tables, ...MACHINERY]) {
    await owner.query(
      `CREATE UNLOGGED TABLE ${SHADOW}.${named(table)}
       (LIKE public.${named(table)} INCLUDING ALL)`,
    );
  }
  for (const table of view.reads ?? []) {
    // OFFSET makes it a view that PostgreSQL does not let anyone write through.
    await owner.query(
      `CREATE VIEW ${SHADOW}.${named(table)} AS SELECT * FROM public.${named(table)} OFFSET 0`,
    );
  }
}

export async function dropShadow(owner: pg.ClientBase): Promise<void> {
  await owner.query(`DROP SCHEMA IF EXISTS ${SHADOW} CASCADE`);
}

/** The database as handlers see it that build the shadow. */
export const connectShadow = (ownerUrl: string, entities: readonly Entity[]): Promise<DataSource> =>
  new DataSource({
    type: 'postgres',
    url: ownerUrl,
    entities: [...entities],
    synchronize: false,
    poolSize: 2,
    extra: { options: `-c search_path=${SHADOW} -c synchronous_commit=off ${SYSTEM_SESSION}` },
  }).initialize();
