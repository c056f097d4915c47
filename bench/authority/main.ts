// npm run bench:authority -- [--teachers 50000] [--rounds 7]
import '../production.js';
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { DataSource } from 'typeorm';
import { startPostgres } from '@yanxiu/cli/postgres';
import { within, withinPath } from '@yanxiu/registry/org-unit';
import type { Actor } from '@yanxiu/subgraph/actor';
import { connectDatabase } from '@yanxiu/subgraph/database';
import { scopedTo } from '@yanxiu/subgraph/scoped-database';
import { createTestDatabase } from '@yanxiu/testkit/database';
import { service } from '../../services/hours/src/subgraph.js';
import { ask } from '../ask.js';
import { quantile, spread, table } from '../figures.js';
import { COUNTY, PROVINCE, fill } from './province.js';

const { values } = parseArgs({
  options: {
    teachers: { type: 'string', default: '50000' },
    rounds: { type: 'string', default: '7' },
  },
});
const rounds = Number(values.rounds);

/** A question in the words of the graph, and how often it is asked in a round. */
interface Question {
  title: string;
  source: string;
  variables: Record<string, unknown>;
  times: number;
}

const questions = (unit: string, teacher: string): Question[] => [
  {
    title: 'report of the jurisdiction',
    source: `query ($unit: ID!) { hoursReport(unit: $unit, year: 2024, asOf: "2024-12-31") {
      teachers met short total average } }`,
    variables: { unit },
    times: 3,
  },
  {
    title: 'page of 50 teachers with their verdicts',
    source: `query ($unit: ID!) { compliances(under: $unit, year: 2024, first: 50) {
      nodes { teacher { id } hours { total required verdict } } pageInfo { hasNextPage } } }`,
    variables: { unit },
    times: 15,
  },
  {
    title: 'one teacher’s year and postings',
    source: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Teacher {
      hours(year: 2024) { total verdict } hourEntries(first: 10) { nodes { hours year } } } } }`,
    variables: { of: [{ __typename: 'Teacher', id: teacher }] },
    times: 40,
  },
];

/** One way of holding a question to its jurisdiction. */
interface Arm {
  name: string;
  db: DataSource;
}

/** The statement with its filter of jurisdiction taken out. */
function opened(text: string): string {
  for (const parameter of ['$1', '$3']) {
    for (const filter of [within('u.path', parameter), withinPath('u.path', parameter)]) {
      if (text.includes(filter)) return text.replace(filter, `(${parameter}::text IS NOT NULL)`);
    }
  }
  return text;
}

/** The database with the filters of jurisdiction taken out of every statement. */
function withoutFilter(db: DataSource): DataSource {
  const open = Object.create(db, {
    createQueryRunner: {
      value(this: DataSource, mode?: 'master' | 'slave') {
        const runner = db.createQueryRunner.call(this, mode);
        const query = runner.query.bind(runner) as (...all: unknown[]) => Promise<unknown>;
        const rest = (text: string, ...more: unknown[]) => query(opened(text), ...more);
        return Object.assign(runner, { query: rest });
      },
    },
  }) as DataSource;
  Object.defineProperty(open, 'manager', { value: db.createEntityManager.call(open) });
  return open;
}

async function timed({ db }: Arm, actor: Actor, question: Question): Promise<[string, number]> {
  const { source, variables } = question;
  const now = new Date('2025-01-15T04:00:00Z');
  const started = performance.now();
  const answer = await ask({ db, actor, now, source, variables });
  const took = performance.now() - started;
  return [JSON.stringify(answer), took];
}

/** Median milliseconds of each arm in each round; all arms must answer the same. */
async function measure(arms: readonly Arm[], actor: Actor, question: Question) {
  const medians = new Map<string, number[]>(arms.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    const times = new Map<string, number[]>(arms.map(({ name }) => [name, []]));
    for (let time = 0; time < question.times; time += 1) {
      const answers = new Set<string>();
      // Each time another one goes first.
      for (let n = 0; n < arms.length; n += 1) {
        const arm = arms[(n + time) % arms.length];
        if (!arm) continue;
        const [answer, took] = await timed(arm, actor, question);
        answers.add(answer);
        times.get(arm.name)?.push(took);
      }
      assert.equal(answers.size, 1, `${question.title}: the arms answer differently`);
    }
    // The first round warms up.
    if (round < 0) continue;
    for (const [name, all] of times) medians.get(name)?.push(quantile(all, 0.5));
  }
  return medians;
}

async function main(ownerUrl: string, appUrl: string, superuserUrl: string): Promise<void> {
  const teacher = await fill(ownerUrl, Number(values.teachers));
  const app = await connectDatabase({ url: appUrl, entities: [] });
  // Row-level security does not hold for a superuser: the same rows without it.
  const bare = await connectDatabase({ url: superuserUrl, entities: [] });
  const rows: string[][] = [];
  for (const [unit, who] of [
    [PROVINCE, 'province'],
    [COUNTY, 'county'],
  ] as const) {
    const actor: Actor = { subject: 'analyst', role: 'ANALYST', unit };
    const fenced = scopedTo(app, actor);
    // All within a scope, so that each keeps its statements prepared and sets what the fence reads.
    const filter = { name: 'filter', db: scopedTo(bare, actor) };
    const both = { name: 'filter and fence', db: fenced };
    const fence = { name: 'fence alone', db: scopedTo(withoutFilter(app), actor) };
    // Without either a county's analyst would be answered for the province.
    const nothing = { name: 'neither', db: scopedTo(withoutFilter(bare), actor) };
    const arms = unit === PROVINCE ? [nothing, filter, both, fence] : [filter, both, fence];
    for (const question of questions(unit, teacher)) {
      const medians = await measure(arms, actor, question);
      const [base] = arms;
      const bases = medians.get(base?.name ?? '') ?? [];
      for (const [name, all] of medians) {
        const ratios = all.map((ms, round) => ms / (bases[round] ?? Number.NaN));
        const title = `${who}: ${question.title}`;
        rows.push([title, name, spread(all), name === base?.name ? '1' : spread(ratios)]);
      }
    }
  }
  console.log(
    table(['question of an analyst', 'held by', 'median ms', 'ratio to the first'], rows),
  );
  await app.destroy();
  await bare.destroy();
}

const day = new Date().toISOString().slice(0, 10);
console.log(`${day}, Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model})`);
console.log(`${values.teachers} teachers, ${rounds} rounds\n`);
const folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-bench-authority-'));
// The database server runs under another account when the benchmark runs as root.
await chmod(folder, 0o711);
const server = await startPostgres({ dataDir: path.join(folder, 'postgres') });
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.stop().finally(() => process.exit(1)));
}
try {
  process.env['TEST_POSTGRES_URL'] = server.url;
  const { name, migrations, appendOnly = [] } = service;
  const database = await createTestDatabase({ service: name, migrations, appendOnly });
  const superuser = new URL(server.url);
  superuser.pathname = new URL(database.appUrl).pathname;
  await main(database.ownerUrl, database.appUrl, superuser.href);
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
