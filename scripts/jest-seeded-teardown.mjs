import { rmSync } from 'node:fs';

/** Removes the folder of `jest-seeded-setup.mjs`. */
export default function teardown() {
  const folder = process.env['TEST_SEEDED_DIR'];
  if (folder) rmSync(folder, { recursive: true, force: true });
}
