// npm run bench:publication -- [--teachers 20000] [--entries 580000]
// What publications make to be decided anew, each simulated first, over a ledger that is loaded as
// by npm run bench:ledger.
import '../production.js';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { DataSource } from 'typeorm';
import { startPostgres } from '@yanxiu/cli/postgres';
import { systemEnvironment } from '@yanxiu/messaging/environment';
import { connectDatabase } from '@yanxiu/subgraph/database';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { testContext } from '@yanxiu/testkit/context';
import { createTestDatabase } from '@yanxiu/testkit/database';
import { recomputeAll } from '../../services/hours/src/recomputation/job.js';
import { simulate } from '../../services/hours/src/simulation/queries.js';
import { service } from '../../services/hours/src/subgraph.js';
import { table } from '../figures.js';
import { loadLedger } from './bulk.js';
import { loadRegistry, recompute, vacuum } from './load.js';
import { PROVINCE } from './rows.js';

const { values } = parseArgs({
  options: {
    teachers: { type: 'string', default: '20000' },
    entries: { type: 'string', default: '580000' },
  },
});
const teachers = Number(values.teachers);
const size = { teachers, each: Math.round(Number(values.entries) / teachers) };
const YEAR = 2025;

const CHANGES = [
  ['the hours asked, 72 to 80', 'hours.basic.annual', 8_000],
  ['the cap of a day, 8 to 3 hours', 'hours.dayCap', 300],
] as const;

const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
};

/** A version as its event leaves it, and what waits for the job. */
const publish = (db: DataSource, key: string, value: number) =>
  db.transaction(async (manager) => {
    await manager.query(
      `INSERT INTO policy VALUES ($1, 2, $2, 'test', '${YEAR}-01-01', NULL, NULL, '{}', '-', '-',
         '-', now())`,
      [key, JSON.stringify(value)],
    );
    await manager.query(
      `INSERT INTO policy_recomputation (key, version, id, requested_at)
       VALUES ($1, 2, gen_random_uuid(), now())`,
      [key],
    );
  });

async function measure(db: DataSource): Promise<string[][]> {
  const rows: string[][] = [];
  const actor = { subject: 'bench', role: 'OFFICER', unit: PROVINCE } as const;
  for (const [what, key, value] of CHANGES) {
    const context = testContext({ service: 'hours', db, actor });
    const when = { validFrom: `${YEAR}-01-01`, validTo: null, scopeCode: null };
    const asked = { changes: [{ key, value, ...when }], scope: PROVINCE, year: YEAR };
    let changed = 0;
    const tried = await secondsOf(async () => {
      const limits = { budgetMs: Number.POSITIVE_INFINITY, atOnce: 1_000 };
      const { counts } = await simulate(context, asked, limits);
      changed = counts.all.changed;
    });
    await publish(db, key, value);
    const done = await secondsOf(() => recomputeAll(db, systemEnvironment()));
    const [job]: { decisions: number; verdicts: number }[] = await db.query(
      `SELECT changed_decisions AS decisions, changed_verdicts AS verdicts
       FROM policy_recomputation WHERE key = $1`,
      [key],
    );
    const rate = (seconds: number) => `**${Math.round(teachers / seconds)}** teachers/s`;
    rows.push(
      [`${what}: simulated`, `${rate(tried)}, ${changed} change verdict`],
      [
        `${what}: decided anew`,
        `${rate(done)}, ${job?.decisions} decisions and ${job?.verdicts} verdicts otherwise`,
      ],
    );
  }
  return rows;
}

async function main(url: string): Promise<void> {
  process.env['TEST_POSTGRES_URL'] = url;
  const { name, migrations, appendOnly = [] } = service;
  const database = await createTestDatabase({ service: name, migrations, appendOnly });
  const superuser = new URL(url);
  superuser.pathname = new URL(database.appUrl).pathname;
  await loadRegistry(database.ownerUrl, size);
  await loadLedger(superuser.href, [0, teachers], size, 'unchecked');
  await vacuum(superuser.href);
  await recompute(database.ownerUrl, false);
  const app = await connectDatabase({ url: database.appUrl, entities: [] });
  const before = loadavg()[0] ?? 0;
  const rows = await measure(asSystem(app));
  console.log(table([`${teachers} teachers, ${teachers * size.each} entries`, 'measured'], rows));
  console.log(
    `\n${cpus().length} cores, peak ${Math.round(process.resourceUsage().maxRSS / 1_024)} MiB, ` +
      `load average ${before.toFixed(1)} – ${loadavg()[0]?.toFixed(1)}`,
  );
  await app.destroy();
}

const folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-bench-publication-'));
// The database server runs under another account when the benchmark runs as root.
await chmod(folder, 0o711);
const settings = { shared_buffers: '1GB', max_wal_size: '8GB', maintenance_work_mem: '512MB' };
const server = await startPostgres({ dataDir: path.join(folder, 'postgres'), settings });
try {
  await main(server.url);
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
