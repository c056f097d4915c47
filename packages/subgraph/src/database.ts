import pg from 'pg';
import { DataSource, type MigrationInterface, type ObjectLiteral } from 'typeorm';
import { SYSTEM_SESSION } from './scoped-database.js';

export type Migration = new () => MigrationInterface;

export type Entity = new () => ObjectLiteral;

/**
 * The service's database as its runtime role sees it: no row of a fenced table, until `scopedTo`
 * or `asSystem` of scoped-database.ts gives it a scope.
 */
export async function connectDatabase(options: {
  url: string;
  entities: readonly Entity[];
  poolSize?: number;
}): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    url: options.url,
    entities: [...options.entities],
    synchronize: false,
    poolSize: options.poolSize ?? 10,
    connectTimeoutMS: 8_000,
    // A statement and the scope that it runs within are sent together.
    extra: {
      idle_in_transaction_session_timeout: 60_000,
      statement_timeout: 60_000,
      pipeline: true,
    },
  }).initialize();
}

/**
 * Brings the database up to date as its owner and gives the runtime role what it needs: read and
 * write on all tables, but no UPDATE, DELETE or TRUNCATE on those in `appendOnly`, and nothing on
 * the parts of a partitioned one, which are reached through their table.
 */
export async function migrate(options: {
  ownerUrl: string;
  appRole: string;
  migrations: readonly Migration[];
  appendOnly?: readonly string[];
}): Promise<void> {
  const guard = new pg.Client({
    connectionString: options.ownerUrl,
    connectionTimeoutMillis: 8_000,
  });
  await guard.connect();
  try {
    // One at a time: replicas of a service start together.
    await guard.query('SELECT pg_advisory_lock(7201003)');
    const owner = await new DataSource({
      type: 'postgres',
      url: options.ownerUrl,
      migrations: [...options.migrations],
      poolSize: 1,
      // A migration that changes rows must find them.
      extra: { options: SYSTEM_SESSION },
    }).initialize();
    try {
      await owner.runMigrations({ transaction: 'each' });
    } finally {
      await owner.destroy();
    }
    const role = guard.escapeIdentifier(options.appRole);
    await guard.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
    await guard.query(
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`,
    );
    await guard.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${role}`);
    for (const table of ['migrations', ...(options.appendOnly ?? [])]) {
      const name = guard.escapeIdentifier(table);
      await guard.query(`REVOKE UPDATE, DELETE, TRUNCATE ON ${name} FROM ${role}`);
      for (const part of await partsOf(guard, name)) {
        await guard.query(`REVOKE ALL ON ${part} FROM ${role}`);
      }
    }
  } finally {
    await guard.end();
  }
}

/** The partitions of a table, quoted where they must be; of an ordinary one there are none. */
async function partsOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ part: string }>(
    `SELECT relid::regclass::text AS part FROM pg_partition_tree($1::regclass) WHERE level > 0`,
    [table],
  );
  return rows.map(({ part }) => part);
}

/** Statements that make a table refuse UPDATE, DELETE and TRUNCATE, whoever asks. */
export const appendOnlyTrigger = (table: string): string[] => [
  `CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '% is append-only: a correction is a new row', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
    END $$`,
  `CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
];
