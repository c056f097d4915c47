import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startPostgres, type RunningPostgres } from './postgres.js';

const settings = { fsync: 'off' };

const ask = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};

const serversOn = (folder: string): string[] =>
  execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('postgres') && line.includes(`-D ${folder}`));

describe('embedded Postgres', () => {
  let folder: string;
  let dataDir: string;
  const running: RunningPostgres[] = [];

  const start = async (): Promise<RunningPostgres> => {
    const server = await startPostgres({ dataDir, settings });
    running.push(server);
    return server;
  };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-postgres-'));
    await chmod(folder, 0o711);
    dataDir = path.join(folder, 'postgres');
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  it('listens on 127.0.0.1 alone, without a socket file, in UTF-8, asking for a password', async () => {
    const server = await start();
    const [row] = await ask(
      server.url,
      `SELECT current_setting('listen_addresses') AS listen,
              current_setting('unix_socket_directories') AS socket,
              current_setting('server_encoding') AS encoding,
              current_setting('password_encryption') AS passwords,
              (SELECT concat_ws(' ', datcollate, datlocprovider, datlocale)
                 FROM pg_database WHERE datname = 'postgres') AS collation`,
    );
    expect(row).toEqual({
      listen: '127.0.0.1',
      socket: '',
      encoding: 'UTF8',
      passwords: 'scram-sha-256',
      collation: 'C b C.UTF-8',
    });
    const wrong = new URL(server.url);
    wrong.password = 'guess';
    await expect(ask(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    const secret = await stat(path.join(dataDir, 'superuser-password'));
    expect(secret.mode & 0o777).toBe(0o600);
  });

  it('leaves no process when it stops, and goes on with its data afterwards', async () => {
    const first = await start();
    await ask(first.url, "CREATE TABLE note AS SELECT '研修' AS word");
    await first.stop();
    expect(serversOn(dataDir)).toEqual([]);
    const second = await start();
    expect(await ask(second.url, 'SELECT word FROM note')).toEqual([{ word: '研修' }]);
  });

  it('recovers after the server was killed', async () => {
    const first = await start();
    await ask(first.url, 'CREATE TABLE note AS SELECT 1 AS kept');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const second = await start();
    expect(await ask(second.url, 'SELECT kept FROM note')).toEqual([{ kept: 1 }]);
  });

  it('ends a server that an earlier run left running on its data', async () => {
    const orphan = await start();
    await ask(orphan.url, 'CREATE TABLE note AS SELECT 1 AS kept');
    const next = await start();
    await orphan.exited;
    expect(next.pid).not.toBe(orphan.pid);
    expect(await ask(next.url, 'SELECT kept FROM note')).toEqual([{ kept: 1 }]);
  });

  it('never ends another program whose pid the stale pid file happens to name', async () => {
    const first = await start();
    await first.stop();
    const pidFile = path.join(dataDir, 'cluster/postmaster.pid');
    const other = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
    await writeFile(pidFile, `${other.pid}\n${dataDir}/cluster\n`);
    const second = await start();
    expect(await readFile(pidFile, 'utf8')).toMatch(new RegExp(`^${second.pid}\n`));
    expect([other.exitCode, other.signalCode]).toEqual([null, null]);
    other.kill();
  });

  it('says why it cannot start', async () => {
    await expect(startPostgres({ dataDir, settings: { shared_buffers: 'much' } })).rejects.toThrow(
      /shared_buffers/,
    );
  });
});
