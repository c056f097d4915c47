import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder in which the tests of one run keep the synthetic province that the first has loaded;
 * whoever names one in TEST_SEEDED_DIR keeps it for the next run.
 */
export default function setup() {
  if (process.env['TEST_SEEDED_DIR']) return;
  const folder = mkdtempSync(join(tmpdir(), 'yanxiu-seeded-'));
  // The database server runs under another account when the tests run as root.
  chmodSync(folder, 0o711);
  process.env['TEST_SEEDED_DIR'] = folder;
  process.env['TEST_SEEDED_OF_RUN'] = folder;
}
