// npm run bench:gateway -- [--data FOLDER] [--size tiny] [--today 2025-06-30] [--rounds 5]
// The folder keeps a loaded province for the next run; it is loaded when it is empty.
import '../production.js';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  CREDENTIAL_HEADER,
  CredentialSigner,
  gatewayKeyFiles,
} from '@yanxiu/subgraph/gateway-credential';
import { startSystem, type System } from '@yanxiu/testkit/system';
import { quantile, spread, table } from '../figures.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '.yanxiu/bench-gateway' },
    size: { type: 'string', default: 'tiny' },
    today: { type: 'string', default: '2025-06-30' },
    rounds: { type: 'string', default: '5' },
    times: { type: 'string', default: '200' },
  },
});
const rounds = Number(values.rounds);
const times = Number(values.times);
const year = Number(values.today.slice(0, 4)) - 1;

const SUMMARY = `query ($year: Int!) {
  complianceSummary(under: "140000", tier: COUNTY, year: $year, first: 200) {
    nodes { unit { code } counts { value teachers met short notRegulated exempt total } } } }`;
const NOTHING = '{ __typename }';

interface Question {
  query: string;
  variables?: Record<string, unknown>;
}

/** One way to ask: the answer's data and how many milliseconds it took. */
interface Way {
  name: string;
  question: Question;
  url: string;
  headers: () => Promise<Record<string, string>>;
}

async function ask({ question, url, headers }: Way): Promise<[data: string, ms: number]> {
  const head = { 'content-type': 'application/json', ...(await headers()) };
  const body = JSON.stringify(question);
  const begun = performance.now();
  const response = await fetch(url, { method: 'POST', headers: head, body });
  const answer = (await response.json()) as { data?: unknown; errors?: unknown };
  const ms = performance.now() - begun;
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  return [JSON.stringify(answer.data), ms];
}

async function ways(system: System): Promise<Way[]> {
  const { services } = await system.running();
  const { keyFile } = gatewayKeyFiles(system.dataDir);
  const signer = await CredentialSigner.open(keyFile);
  // Several accounts, so that none asks more often than one may.
  const tokens = await Promise.all(
    Array.from({ length: 20 }, (_, n) => system.token('analyst', { org: '140000', n: n + 1 })),
  );
  let turn = 0;
  const authorization = () => `Bearer ${tokens[turn++ % tokens.length] ?? ''}`;
  const viaGateway = () => Promise.resolve({ authorization: authorization() });
  const straight = async () => ({
    authorization: authorization(),
    [CREDENTIAL_HEADER]: await signer.credentialFor('hours'),
  });
  const gateway = `${system.url}/graphql`;
  const hours = `${services['hours']?.url}/graphql`;
  const summary = { query: SUMMARY, variables: { year } };
  return [
    {
      name: 'verdicts by county and sector, through the gateway',
      question: summary,
      url: gateway,
      headers: viaGateway,
    },
    {
      name: 'the same of hours itself, over HTTP',
      question: summary,
      url: hours,
      headers: straight,
    },
    {
      name: 'nothing, through the gateway',
      question: { query: NOTHING },
      url: gateway,
      headers: viaGateway,
    },
    {
      name: 'nothing, of hours itself',
      question: { query: NOTHING },
      url: hours,
      headers: straight,
    },
  ];
}

async function measure(system: System): Promise<void> {
  const all = await ways(system);
  const found = all.map(() => ({ p50: [] as number[], p95: [] as number[] }));
  for (let round = -1; round < rounds; round += 1) {
    const took = all.map(() => [] as number[]);
    for (let n = 0; n < times; n += 1) {
      const answers: string[] = [];
      for (let at = 0; at < all.length; at += 1) {
        const place = (at + n) % all.length;
        const way = all[place];
        if (!way) continue;
        const [data, ms] = await ask(way);
        took[place]?.push(ms);
        answers[place] = data;
      }
      assert.equal(answers[0], answers[1], 'gateway and service answer differently');
      assert.ok(JSON.parse(answers[0] ?? '{}').complianceSummary.nodes.length > 0);
    }
    if (round < 0) continue;
    took.forEach((list, place) => {
      found[place]?.p50.push(quantile(list, 0.5));
      found[place]?.p95.push(quantile(list, 0.95));
    });
  }
  const rows = all.map(({ name }, place) => [
    name,
    `${spread(found[place]?.p50 ?? [])} ms`,
    `${spread(found[place]?.p95 ?? [])} ms`,
  ]);
  console.log(table([`size ${values.size}, ${times} of each a round`, 'p50', 'p95'], rows));
}

const day = new Date().toISOString().slice(0, 10);
console.log(['npm run bench:gateway --', ...process.argv.slice(2)].join(' '));
console.log(
  `${day}, Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model}); ${rounds} rounds\n`,
);
const dataDir = path.resolve(values.data);
const loaded = existsSync(path.join(dataDir, 'credentials.json'));
await mkdir(dataDir, { recursive: true });
const { size, today } = values;
const clockOffsetMs = Date.parse(`${today}T10:00:00+08:00`) - Date.now();
const system = await startSystem({
  transport: 'postgres',
  dataDir,
  clockOffsetMs,
  startLimitMs: 3_600_000,
  ...(loaded ? {} : { size, today, seed: 1 }),
});
const before = loadavg()[0];
try {
  await measure(system);
} finally {
  await system.stop();
}
console.log(`\nload average ${before?.toFixed(1)} – ${loadavg()[0]?.toFixed(1)}`);
