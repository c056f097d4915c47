import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startSystem, type System, type SystemOptions } from './system.js';

export interface SeededOptions {
  /** The day on which the province stands. */
  today: string;
  env?: Record<string, string>;
}

/** What `npm start` loads, so that a test may make the same plan. */
export const SEEDED = { size: 'tiny', seed: 1 } as const;

/**
 * The platform with the synthetic province at size tiny, on the Postgres log, its clock at ten in
 * the morning of `today`. The province is loaded once in a run of the tests and copied from then
 * on: the copy is the test's own.
 */
export async function startSeeded({ today, env }: SeededOptions): Promise<System> {
  const clockOffsetMs = Date.parse(`${today}T10:00:00+08:00`) - Date.now();
  const common = { transport: 'postgres', clockOffsetMs, ...(env && { env }) } as const;
  const kept = keptFolder(today);
  const dataDir = await mkdtemp(path.join(tmpdir(), 'yanxiu-system-'));
  if (kept && existsSync(kept)) {
    await copy(kept, dataDir);
    return startOwn({ ...common, dataDir });
  }
  const seeding = { ...common, ...SEEDED, today, dataDir, startLimitMs: 1_500_000 };
  if (!kept) return startOwn(seeding);
  await (await startSystem(seeding)).stop();
  await copy(dataDir, `${kept}.new`);
  await rename(`${kept}.new`, kept);
  return startOwn({ ...common, dataDir });
}

/** Keeps owners, which Node's `cp` does not: the database server has an account of its own. */
const copy = (from: string, to: string) => promisify(execFile)('cp', ['-a', `${from}/.`, to]);

/** Set for a whole run by `scripts/jest-seeded-setup.mjs`. */
const keptFolder = (today: string): string | undefined => {
  const folder = process.env['TEST_SEEDED_DIR'];
  return folder === undefined ? undefined : path.join(folder, today);
};

async function startOwn(options: SystemOptions & { dataDir: string }): Promise<System> {
  const system = await startSystem(options);
  const stop = system.stop.bind(system);
  system.stop = async () => {
    await stop();
    if (!process.env['KEEP_TEST_DATA']) {
      await rm(options.dataDir, { recursive: true, force: true });
    }
  };
  return system;
}
