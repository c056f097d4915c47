/** Stops what `jest-postgres-setup.mjs` started. */
export default async function teardown() {
  await globalThis.yanxiuStopPostgres?.();
}
