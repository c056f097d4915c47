// npm run bench:ledger -- [--teachers 20000] [--entries 580000] [--rounds 5]
// The size of the province: --teachers 483000 --entries 14000000
import '../production.js';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { DataSource } from 'typeorm';
import { startPostgres, type RunningPostgres } from '@yanxiu/cli/postgres';
import { connectDatabase } from '@yanxiu/subgraph/database';
import { asWriter, asSystem } from '@yanxiu/subgraph/scoped-database';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { service } from '../../services/hours/src/subgraph.js';
import { fold } from '../../services/hours/src/rollup/fold.js';
import { spread, table } from '../figures.js';
import { processorSeconds } from '../processor.js';
import { loadLedger, perSecond } from './bulk.js';
import { bytesPerEntry, loadRegistry, recompute, vacuum } from './load.js';
import { Postings, Script } from './posting.js';
import { nothing, statements, summaries, teacherAsOf } from './questions.js';
import { keepReports, reportRounds } from './reports.js';
import type { Size } from './rows.js';

const { values } = parseArgs({
  options: {
    teachers: { type: 'string', default: '20000' },
    entries: { type: 'string', default: '580000' },
    rounds: { type: 'string', default: '5' },
    /** Postings of a round, each in a transaction of its own. */
    postings: { type: 'string', default: '400' },
    /** Whether all verdicts are made again to compare them, which takes as long as making them. */
    compare: { type: 'string', default: 'yes' },
  },
});
const rounds = Number(values.rounds);
const compares = values.compare === 'yes';
const size: Size = {
  teachers: Number(values.teachers),
  each: Math.round(Number(values.entries) / Number(values.teachers)),
};
const CONNECTIONS = 4;
const BATCH = 200;

const said = (text: string): void => console.error(`${new Date().toISOString()} ${text}`);

interface Places {
  /** Process of the server. */
  pid: number;
  database: TestDatabase;
  superuserUrl: string;
  /** As the service's role, behind the fence. */
  app: DataSource;
  /** As a superuser, whom row-level security does not hold. */
  bare: DataSource;
}

/**
 * A few teachers with every reference checked as it comes; up to a fourteenth, to ask at that size;
 * then the rest.
 */
async function load({ pid, database, superuserUrl, app }: Places): Promise<string[][]> {
  const [few, part] = [140, 14].map((share) => Math.ceil(size.teachers / share)) as [
    number,
    number,
  ];
  await loadRegistry(database.ownerUrl, size);
  said('loading a fourteenth');
  const checked = await loadLedger(superuserUrl, [0, few], size, 'checked');
  await loadLedger(superuserUrl, [few, part], size, 'unchecked');
  await vacuum(superuserUrl);
  await recompute(database.ownerUrl, false);
  said('asking at a fourteenth');
  const early = await statementRounds(app, part);
  said('loading the rest');
  const before = await processorSeconds(pid);
  const rest = await loadLedger(superuserUrl, [part, size.teachers], size, 'unchecked');
  const used = (await processorSeconds(pid)) - before;
  said(`loaded: ${JSON.stringify(rest)}`);
  await vacuum(superuserUrl);
  said('recomputing all');
  const made = await recompute(database.ownerUrl, false);
  const again = compares ? await recompute(database.ownerUrl, true) : null;
  const late = await statementRounds(app, size.teachers);
  const entries = size.teachers * size.each;
  const [own, all] = await bytesPerEntry(superuserUrl, entries);
  const rate = (count: number) => `**${Math.round(count).toLocaleString('en')}** entries/s`;
  const seconds = (['rows', 'indexes', 'checks'] as const).map(
    (phase) => `${phase} ${rest[phase].toFixed(0)} s`,
  );
  return [
    [
      `bulk load, every reference checked as it comes (${checked.entries} entries)`,
      rate(perSecond(checked)),
      '–',
    ],
    [
      `bulk load, references and indexes afterwards (${rest.entries} entries: ${seconds.join(', ')})`,
      rate(perSecond(rest)),
      '100,000',
    ],
    [
      `the same by the processor time of the server, ${used.toFixed(0)} s, spread over ${cpus().length} cores`,
      rate((rest.entries * cpus().length) / used),
      '–',
    ],
    [
      `all verdicts and counts made anew (${made.rows} rows kept)`,
      `**${Math.round(made.teachersPerSecond)}** teachers/s, ${made.seconds.toFixed(0)} s, peak ${made.peakMiB.toFixed(0)} MiB`,
      '–',
    ],
    ...(again
      ? [
          [
            'the same, compared only: equal',
            `**${Math.round(again.teachersPerSecond)}** teachers/s, ${again.seconds.toFixed(0)} s`,
            '–',
          ],
        ]
      : []),
    ['disk, indexes included: hour_entry', `**${own.toFixed(0)}** bytes an entry`, '–'],
    ['with its cause, two sessions and decision', `**${all.toFixed(0)}** bytes an entry`, '–'],
    [`statement with explanation, p95 at ${part * size.each} entries`, `${spread(early)} ms`, '–'],
    [`statement with explanation, p95 at ${entries} entries`, `${spread(late)} ms`, '5 ms'],
    ['ratio of the two', spread(late.map((ms, round) => ms / (early[round] ?? Number.NaN))), '1.5'],
  ];
}

async function statementRounds(db: DataSource, among: number): Promise<number[]> {
  const all: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const { p95 } = await statements(db, among, 200);
    if (round >= 0) all.push(p95);
  }
  return all;
}

async function verdicts({ app, bare }: Places): Promise<string[][]> {
  const [medians, own, sql, idle]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let round = -1; round < rounds; round += 1) {
    // What the aggregate pushes out of the processor's caches is paid by the next: by one of fifty.
    const { p50, p95 } = await summaries(app, bare, { service: 400, sql: 8 });
    if (round < 0) continue;
    medians.push(p50.service);
    own.push(p95.service);
    idle.push(await nothing(app, 200));
    sql.push(p95.sql);
  }
  return [
    ['verdicts by county and sector in the service, median', `${spread(medians)} ms`, '–'],
    ['the same, p95', `${spread(own)} ms`, '2 ms'],
    ['a statement that does nothing, sent the same way, p95', `${spread(idle)} ms`, '–'],
    ['the same by one SQL aggregate over verdict rows, p95', `${spread(sql)} ms`, '–'],
  ];
}

async function twoTimes({ app, bare }: Places): Promise<string[][]> {
  const teacher: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const one = await teacherAsOf(app, size.teachers, 60);
    if (round >= 0) teacher.push(one.asOf / one.now);
  }
  said('keeping reports');
  return [
    ["a teacher's year as of then ÷ as of now, medians", spread(teacher), '2'],
    await keepReports(app, size.teachers),
    ...(await reportRounds(app, bare, 'past', rounds)),
  ];
}

async function posting({ app, database }: Places): Promise<string[][]> {
  const postings = new Postings(asWriter(app), size);
  const script = await Script.on(database.appUrl, CONNECTIONS);
  const count = Number(values.postings);
  const rates: Record<'service' | 'script' | 'batch', number[]> = {
    ...{ service: [], script: [], batch: [] },
  };
  for (let round = -1; round < rounds; round += 1) {
    const scripts = await postings.recorded(postings.messages(count));
    const own = await postings.alone(postings.messages(count), CONNECTIONS);
    const bare = await script.run(scripts);
    const batch = await postings.together(postings.messages(BATCH * 2), BATCH);
    await fold(asSystem(app));
    if (round < 0) continue;
    rates.service.push(own);
    rates.script.push(bare);
    rates.batch.push(batch);
  }
  await script.end();
  const ratio = rates.service.map((own, round) => own / (rates.script[round] ?? Number.NaN));
  return [
    [
      `posting through the consumer, ${CONNECTIONS} connections, a transaction each`,
      `${spread(rates.service, 0)} entries/s`,
      '–',
    ],
    ['the same statements as a script', `${spread(rates.script, 0)} entries/s`, '–'],
    ['ratio of the two', spread(ratio), '0.8'],
    [
      `posting, ${BATCH} events sharing a transaction, one connection`,
      `${spread(rates.batch, 0)} entries/s`,
      '25,000',
    ],
  ];
}

async function main({ url, pid }: RunningPostgres): Promise<void> {
  process.env['TEST_POSTGRES_URL'] = url;
  const { name, migrations, appendOnly = [] } = service;
  const database = await createTestDatabase({ service: name, migrations, appendOnly });
  const superuser = new URL(url);
  superuser.pathname = new URL(database.appUrl).pathname;
  const app = await connectDatabase({ url: database.appUrl, entities: [] });
  const bare = await connectDatabase({ url: superuser.href, entities: [] });
  const places = { pid, database, superuserUrl: superuser.href, app, bare };
  const before = loadavg()[0] ?? 0;
  const rows: string[][] = [];
  for (const part of [load, verdicts, twoTimes, posting]) {
    said(part.name);
    const found = await part(places);
    // What was found stays when the run is cut short.
    for (const row of found) said(row.join(' | '));
    rows.push(...found);
  }
  rows.push(...(await reportRounds(app, bare, 'present', rounds)));
  if (compares) {
    said('comparing verdicts and counts after posting');
    await recompute(database.ownerUrl, true);
  }
  console.log(table([`${size.teachers * size.each} entries`, 'measured', 'goal'], rows));
  console.log(`\nload average ${before.toFixed(1)} – ${loadavg()[0]?.toFixed(1)}`);
  await app.destroy();
  await bare.destroy();
}

const day = new Date().toISOString().slice(0, 10);
const memory = Math.round(totalmem() / 2 ** 30);
console.log(
  `${['npm run bench:ledger --', ...process.argv.slice(2)].join(' ')}\n${day}, Node ${process.versions.node}, ` +
    `${cpus().length} cores (${cpus()[0]?.model}), ${memory} GiB; ${rounds} rounds: median (lowest – highest)\n`,
);
const folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-bench-ledger-'));
// The database server runs under another account when the benchmark runs as root.
await chmod(folder, 0o711);
const server = await startPostgres({
  dataDir: path.join(folder, 'postgres'),
  // As a server of its own for a province would have.
  settings: { shared_buffers: '2GB', max_wal_size: '16GB', maintenance_work_mem: '512MB' },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.stop().finally(() => process.exit(1)));
}
try {
  await main(server);
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
