import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SEEDED, startSeeded } from '@yanxiu/testkit/seeded';
import { startSystem } from '@yanxiu/testkit/system';
import { until } from '@yanxiu/testkit/waiting';
import { businessRows, digestOf, untilSettled } from './bulk/business-rows.js';

const TODAY = '2026-09-10';
const YESTERDAY = '2026-09-09';
const CLI = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'yanxiu-bulk-'));
  // The database server runs under another account when the tests run as root.
  await chmod(dataDir, 0o711);
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** What hours has recorded of tiny, each participation told by training and decided on alone. */
async function byCommands() {
  const system = await startSeeded({ today: TODAY });
  try {
    await untilSettled(system, YESTERDAY);
    return await businessRows(system);
  } finally {
    await system.stop();
  }
}

/** Loads the province; killed, and without a code, once its progress says so. */
async function load(killOnce?: RegExp): Promise<number | null> {
  const { size, seed } = SEEDED;
  const options = ['--size', size, '--seed-number', String(seed), '--today', TODAY, '--bulk'];
  const child = spawn(process.execPath, [CLI, 'seed', ...options], {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, YANXIU_DATA_DIR: dataDir },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (killOnce?.test(said)) child.kill('SIGKILL');
  });
  await until(() => child.exitCode !== null || child.signalCode !== null, {
    ...{ timeoutMs: 900_000, everyMs: 100 },
    message: () => `the province to be loaded:\n${said}`,
  });
  return child.exitCode;
}

/** The same of the same province, what is over entered into the ledger, after a crash. */
async function byBulk() {
  expect(await load(/2025年：学时/)).toBeNull();
  expect(await load()).toBe(0);
  const clockOffsetMs = Date.parse(`${TODAY}T10:00:00+08:00`) - Date.now();
  const system = await startSystem({ transport: 'postgres', clockOffsetMs, dataDir });
  try {
    await untilSettled(system, YESTERDAY);
    return await businessRows(system);
  } finally {
    await system.stop();
  }
}

it('enters into the ledger what the commands of the whole platform bring about', async () => {
  const told = await byCommands();
  const loaded = await byBulk();
  for (const [table, rows] of told) {
    const other = loaded.get(table) ?? [];
    const [known, found] = [new Set(rows), new Set(other)];
    const missing = rows.filter((row) => !found.has(row)).slice(0, 3);
    const strange = other.filter((row) => !known.has(row)).slice(0, 3);
    expect({ table, missing, strange }).toEqual({ table, missing: [], strange: [] });
  }
  expect(digestOf(loaded)).toEqual(digestOf(told));
  expect(told.get('cause')?.length).toBeGreaterThan(10_000);
  expect(told.get('report')?.length).toBeGreaterThan(100);
});
