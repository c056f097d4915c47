import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { ensureCredentials, newPassword, provisionDatabase } from './provision.js';

const server = process.env['TEST_POSTGRES_URL'] ?? '';

const query = async (url: string, sql: string): Promise<pg.QueryResult> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
};

const make = async (name: string, passwords?: Record<string, string>) => {
  const names = { database: name, owner: `${name}_owner`, app: `${name}_app` };
  const secrets = passwords ?? { [names.owner]: newPassword(), [names.app]: newPassword() };
  return { names, secrets, ...(await provisionDatabase(server, names, secrets)) };
};

const drop = async (name: string): Promise<void> => {
  await query(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await query(server, `DROP ROLE IF EXISTS ${name}_owner`);
  await query(server, `DROP ROLE IF EXISTS ${name}_app`);
};

describe('provisioning', () => {
  let first: Awaited<ReturnType<typeof make>>;
  let second: Awaited<ReturnType<typeof make>>;

  beforeAll(async () => {
    first = await make('provision_first');
    second = await make('provision_second');
  });

  afterAll(async () => {
    await drop('provision_first');
    await drop('provision_second');
  });

  it('lets the owner role make tables and the app role only what it was granted', async () => {
    await query(first.ownerUrl, 'CREATE TABLE note (id int PRIMARY KEY)');
    await expect(query(first.appUrl, 'SELECT * FROM note')).rejects.toThrow(/permission denied/);
    await query(first.ownerUrl, `GRANT SELECT ON note TO ${first.names.app}`);
    expect((await query(first.appUrl, 'SELECT * FROM note')).rows).toEqual([]);
  });

  it.each([
    'CREATE TABLE mine (id int)',
    'CREATE SCHEMA mine',
    'CREATE TEMPORARY TABLE mine (id int)',
    'CREATE ROLE mine',
    'CREATE DATABASE mine',
    'ALTER DATABASE provision_first RENAME TO mine',
  ])('refuses the app role %s', async (sql) => {
    await expect(query(first.appUrl, sql)).rejects.toThrow(/permission denied|must be owner/);
  });

  it.each(['ownerUrl', 'appUrl'] as const)('ends a forgotten transaction of %s', async (url) => {
    const limit = await query(first[url], 'SHOW idle_in_transaction_session_timeout');
    expect(limit.rows).toEqual([{ idle_in_transaction_session_timeout: '1min' }]);
  });

  it('gives the app role nothing to own', async () => {
    const owned = await query(
      first.ownerUrl,
      `SELECT 1 FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
        WHERE d.deptype = 'o' AND r.rolname = 'provision_first_app'`,
    );
    expect(owned.rowCount).toBe(0);
  });

  it.each(['ownerUrl', 'appUrl'] as const)(
    "refuses another service's database to a role (%s)",
    async (role) => {
      const elsewhere = new URL(first[role]);
      elsewhere.pathname = new URL(second.appUrl).pathname;
      await expect(query(elsewhere.href, 'SELECT 1')).rejects.toThrow(
        /permission denied for database/,
      );
      expect((await query(first[role], 'SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    },
  );

  it('changes nothing when it runs again, and takes up a new password', async () => {
    await make('provision_second', second.secrets);
    expect((await query(second.appUrl, 'SELECT 1 AS one')).rowCount).toBe(1);
    const other = { ...second.secrets, [second.names.app]: newPassword() };
    const again = await make('provision_second', other);
    expect((await query(again.appUrl, 'SELECT 1 AS one')).rowCount).toBe(1);
    await expect(query(second.appUrl, 'SELECT 1')).rejects.toThrow(/password authentication/);
    second = again;
  });

  it('asks every role for its password', async () => {
    const without = new URL(first.appUrl);
    without.password = 'wrong';
    await expect(query(without.href, 'SELECT 1')).rejects.toThrow(/password authentication/);
  });
});

describe('credentials file', () => {
  it('is readable by its owner alone and keeps the passwords that it has', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-credentials-'));
    const file = path.join(folder, 'credentials.json');
    const before = await ensureCredentials(file, ['a_owner', 'a_app']);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const after = await ensureCredentials(file, ['a_owner', 'a_app', 'b_app']);
    expect(after).toMatchObject(before);
    expect(Object.keys(after)).toEqual(['a_owner', 'a_app', 'b_app']);
    expect(after['a_app']).not.toBe(after['a_owner']);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(after);
    await rm(folder, { recursive: true });
  });
});
