import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { startPostgres } from '@yanxiu/cli/postgres';
import { provisionAll, type DatabaseName, type DatabaseUrls } from '@yanxiu/cli/provision';

/** A PostgreSQL server that is not the platform's own, as an installation would give it. */
export interface Cluster {
  databases: ReadonlyMap<DatabaseName, DatabaseUrls>;
  /** The `DATABASE_URL_*` and `DATABASE_OWNER_URL_*` that lead to it. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

const variables = ([name, urls]: [DatabaseName, DatabaseUrls]): [string, string][] => [
  [`DATABASE_URL_${name.toUpperCase()}`, urls.appUrl],
  [`DATABASE_OWNER_URL_${name.toUpperCase()}`, urls.ownerUrl],
];

/** Starts a server in the folder, with these databases and two roles for each. */
export const startCluster = async (
  folder: string,
  names: readonly DatabaseName[],
): Promise<Cluster> => {
  // The server runs under another account when the tests run as root.
  await chmod(folder, 0o711);
  const server = await startPostgres({
    dataDir: path.join(folder, 'postgres'),
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  const databases = await provisionAll(server.url, path.join(folder, 'credentials.json'), names);
  const env = Object.fromEntries([...databases].flatMap(variables));
  return { databases, env, stop: () => server.stop() };
};
