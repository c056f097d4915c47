import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPostgres, type RunningPostgres } from '@yanxiu/cli/postgres';
import pg from 'pg';

const SERVICES = ['personnel', 'training', 'hours', 'funding', 'evaluation'];
const script = fileURLToPath(new URL('init.sh', import.meta.url));
const passwords = Object.fromEntries(
  SERVICES.flatMap((name) =>
    // Characters that a shell or SQL would take for its own.
    ['OWNER', 'APP'].map((role) => [
      `${name.toUpperCase()}_${role}_PASSWORD`,
      `${name}'$x ${role}`,
    ]),
  ),
);
const hasPsql = spawnSync('psql', ['--version']).status === 0;
// Loudly skipped without psql, which the image of PostgreSQL has; in CI a failure.
const suite = hasPsql || process.env['CI'] ? describe : describe.skip;

suite('infra/postgres/init.sh', () => {
  let folder: string;
  let server: RunningPostgres;

  const runScript = () => {
    const { hostname, port, username, password } = new URL(server.url);
    return spawnSync('bash', [script], {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        PGHOST: hostname,
        PGPORT: port,
        PGUSER: username,
        PGPASSWORD: password,
        ...passwords,
      },
    });
  };

  const query = async (service: string, role: 'OWNER' | 'APP', sql: string, database = service) => {
    const user = `${service}_${role.toLowerCase()}`;
    const password = passwords[`${service.toUpperCase()}_${role}_PASSWORD`] ?? '';
    const settings = new URL(server.url);
    const client = new pg.Client({
      host: settings.hostname,
      port: Number(settings.port),
      user,
      password,
      database,
    });
    await client.connect();
    try {
      return (await client.query(sql)).rows as unknown[];
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-init-'));
    await chmod(folder, 0o711);
    server = await startPostgres({ dataDir: path.join(folder, 'pg'), settings: { fsync: 'off' } });
    const { status, stderr } = runScript();
    expect([status, stderr]).toEqual([0, '']);
  });

  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(SERVICES)(
    'gives %s a database that its owner shapes and its app only uses',
    async (name) => {
      await query(name, 'OWNER', 'CREATE TABLE note (id int)');
      await expect(query(name, 'APP', 'CREATE TABLE mine (id int)')).rejects.toThrow(/permission/);
      await expect(query(name, 'APP', 'SELECT * FROM note')).rejects.toThrow(/permission/);
      await query(name, 'OWNER', `GRANT SELECT ON note TO ${name}_app`);
      expect(await query(name, 'APP', 'SELECT * FROM note')).toEqual([]);
    },
  );

  it('lets no service into the database of another', async () => {
    for (const role of ['OWNER', 'APP'] as const) {
      await expect(query('hours', role, 'SELECT 1', 'personnel')).rejects.toThrow(/permission/);
    }
  });

  it('changes nothing when it is run again', () => {
    const { status, stderr } = runScript();
    expect([status, stderr]).toEqual([0, '']);
  });
});
