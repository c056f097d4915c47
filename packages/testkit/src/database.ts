import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { newPassword, provisionDatabase } from '@yanxiu/cli/provision';
import { migrate } from '@yanxiu/subgraph/database';

export interface TestDatabase {
  /** As the role that migrates. */
  ownerUrl: string;
  /** As the role that the service runs as. */
  appUrl: string;
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  service: string;
  /** As `migrate` of `@yanxiu/subgraph/database` takes them; none leaves the database empty. */
  migrations?: Parameters<typeof migrate>[0]['migrations'];
  /** Tables that the service's role may only add to. */
  appendOnly?: readonly string[];
}

const serverUrl = (): string => {
  const url = process.env['TEST_POSTGRES_URL'];
  if (!url) throw new Error('TEST_POSTGRES_URL is not set: name the file *.db.test.ts');
  return url;
};

const dropAll = async (database: string, roles: string[]): Promise<void> => {
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(database)} WITH (FORCE)`);
    for (const role of roles) {
      await client.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(role)}`);
    }
  } finally {
    await client.end();
  }
};

/** A database of its own for one test file, made as `yanxiu up` makes them, and migrated. */
export const createTestDatabase = async (options: TestDatabaseOptions): Promise<TestDatabase> => {
  const database = `${options.service}_${randomBytes(5).toString('hex')}`;
  const names = { database, owner: `${database}_owner`, app: `${database}_app` };
  const passwords = { [names.owner]: newPassword(), [names.app]: newPassword() };
  const urls = await provisionDatabase(serverUrl(), names, passwords);
  const drop = (): Promise<void> => dropAll(database, [names.owner, names.app]);
  if (options.migrations) {
    try {
      await migrate({
        ownerUrl: urls.ownerUrl,
        appRole: names.app,
        migrations: options.migrations,
        appendOnly: options.appendOnly ?? [],
      });
    } catch (error) {
      await drop();
      throw error;
    }
  }
  return { ...urls, drop };
};
