import { rmSync } from 'node:fs';

/** Removes the folder that `jest-seeded-setup.mjs` has made. */
export default function teardown() {
  const folder = process.env['TEST_SEEDED_OF_RUN'];
  if (folder) rmSync(folder, { recursive: true, force: true });
}
