import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres } from '@yanxiu/cli/postgres';

/** jest `globalSetup` of the database tests: one cluster for the whole run. */
const setup = async (): Promise<void> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-test-postgres-'));
  // The server runs under another account when the tests run as root.
  await chmod(folder, 0o711);
  const server = await startPostgres({
    dataDir: path.join(folder, 'postgres'),
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  process.env['TEST_POSTGRES_URL'] = server.url;
  globalThis.stopTestPostgres = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
};

declare global {
  var stopTestPostgres: (() => Promise<void>) | undefined;
}

export default setup;
