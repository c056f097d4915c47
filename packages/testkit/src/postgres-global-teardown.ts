import type {} from './postgres-global.js';

/** jest `globalTeardown` of the database tests. */
const teardown = async (): Promise<void> => {
  await globalThis.stopTestPostgres?.();
};

export default teardown;
