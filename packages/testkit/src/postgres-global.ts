import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as postgres from '@yanxiu/cli/postgres';

type Stop = () => Promise<void>;

declare global {
  // One cluster for all projects of a run: each project of jest calls the set-up once.
  var yanxiuTestPostgres: Promise<Stop> | undefined;
}

/** By its place: jest's set-up runs outside its resolver, where the package means its build. */
const source = new URL('../../cli/src/postgres.js', import.meta.url).href;

const start = async (): Promise<Stop> => {
  const { startPostgres } = (await import(source)) as typeof postgres;
  const folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-test-postgres-'));
  // The server runs under another account when the tests run as root.
  await chmod(folder, 0o711);
  const server = await startPostgres({
    dataDir: path.join(folder, 'postgres'),
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  process.env['TEST_POSTGRES_URL'] = server.url;
  let running = true;
  // An interrupted run does not come to its teardown.
  process.once('exit', () => running && process.kill(server.pid, 'SIGINT'));
  void server.exited.then(() => (running = false));
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
};

/** Starts the cluster of the database tests, sets TEST_POSTGRES_URL and returns how to stop it. */
const setup = (): Promise<Stop> => (globalThis.yanxiuTestPostgres ??= start());

export default setup;
