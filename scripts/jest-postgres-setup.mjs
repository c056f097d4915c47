import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { tsImport } from 'tsx/esm/api';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const testkit = join(root, 'packages/testkit/src/postgres-global.ts');

/**
 * Starts one embedded Postgres for the run and sets TEST_POSTGRES_URL. Jest would load a
 * TypeScript globalSetup as CommonJS; tsx loads it as the ES module that it is.
 */
export default async function setup() {
  const loaded = await tsImport(pathToFileURL(testkit).href, import.meta.url);
  const stop = await loaded.default();
  globalThis.yanxiuStopPostgres = loaded.teardown ?? stop;
}
