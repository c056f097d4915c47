import { parseArgs } from 'node:util';
import type { Case } from './case.js';
import { allCases } from './matrix.js';
import type { Rebuilds } from './invariants/rebuilds.js';
import { notStarted, Runner, type Limits, type Result } from './runner.js';
import { selfTest } from './self-test.js';
import type { TransportKind } from './stage.js';

/** I10 as it is measured, and as CI asks for it on a busy machine. */
const MEASURED: Limits = {
  backMs: 30_000,
  drainedMs: 60_000,
  patienceMs: 180_000,
  hitMs: 30_000,
};
const GENEROUS: Limits = {
  backMs: 120_000,
  drainedMs: 180_000,
  patienceMs: 300_000,
  hitMs: 120_000,
};

const { values } = parseArgs({
  options: {
    case: { type: 'string', multiple: true },
    seed: { type: 'string' },
    transport: { type: 'string' },
    short: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '20' },
    generous: { type: 'boolean', default: false },
    'self-test': { type: 'boolean', default: false },
  },
});

const matrix = allCases(Number(values.minutes));

function chosenCases(): readonly Case[] {
  const wanted = values.case?.flatMap((ids) => ids.split(','));
  const unknown = wanted?.filter((id) => !matrix.some((each) => each.id === id)) ?? [];
  if (unknown.length > 0) {
    const known = matrix.map(({ id, fault }) => `  ${id.padEnd(5)} ${fault}`).join('\n');
    console.error(`no such case: ${unknown.join(', ')}; there are\n${known}`);
    process.exit(2);
  }
  if (wanted) return matrix.filter(({ id }) => wanted.includes(id));
  return values.short ? matrix.filter((each) => each.short) : matrix;
}

function chosenTransports(): TransportKind[] {
  const { transport } = values;
  if (transport === undefined) return ['postgres', 'kafka'];
  if (transport === 'postgres' || transport === 'kafka') return [transport];
  console.error(`--transport is "${transport}": postgres or kafka`);
  return process.exit(2);
}

const seedsOf = (each: Case): number[] => {
  if (values.seed !== undefined) return [Number(values.seed)];
  return values.short ? [1] : Array.from({ length: each.seeds }, (_, index) => index + 1);
};

function show(each: Case, result: Result): void {
  const { id, transport, seed, verdict, injected, hit, back, drained, acknowledged } = result;
  const time = (value: number | undefined): string =>
    value === undefined ? '–' : value.toFixed(1);
  console.log(
    `${verdict} ${id} ${transport} seed ${seed}: ${each.fault}; hit ${hit}/${injected}, ` +
      `acknowledged ${acknowledged}, back ${time(back)} s, drained ${time(drained)} s, ` +
      `took ${time(result.tookSeconds)} s`,
  );
  for (const line of result.lines) console.log(`    ${line}`);
}

/** Runs the cases of one transport, on one platform as long as it stays sound. */
async function runOn(transport: TransportKind, cases: readonly Case[]): Promise<Result[]> {
  const limits = values.short || values.generous ? GENEROUS : MEASURED;
  const results: Result[] = [];
  let runner: Runner | undefined;
  const planned = cases
    .filter((each) => each.transports.includes(transport) && isThere(each, transport))
    .flatMap((each) => seedsOf(each).map((seed) => ({ each, seed })));
  for (const [index, { each, seed }] of planned.entries()) {
    const own = await each.own?.();
    const alone = own !== undefined || each.ruins === true;
    if (alone) {
      await runner?.close();
      runner = undefined;
    }
    let result: Result;
    try {
      runner ??= await Runner.open({ transport, ...(own && { env: own.env }) }, limits);
      result = await runner.run(each, seed, rebuildsOf(index, index === planned.length - 1));
    } catch (error) {
      result = notStarted(each, transport, seed, error);
    }
    results.push(result);
    show(each, result);
    if (result.verdict === 'FAILED' || alone) {
      await runner?.close();
      runner = undefined;
    }
    await own?.close();
  }
  await runner?.close();
  return results;
}

function isThere(each: Case, transport: TransportKind): boolean {
  const missing = each.missing?.();
  if (missing !== undefined)
    console.log(`!!! SKIPPED ${each.id} ${transport}: ${missing} is missing`);
  return missing === undefined;
}

/** In the short form only after all the others; in the long one in turn, and each in the end. */
function rebuildsOf(turn: number, last: boolean): Rebuilds {
  if (values.short) return last ? 'sample' : 'none';
  return last ? 'all' : { turn };
}

process.once('SIGTERM', () => {
  void Runner.closeAll().finally(() => process.exit(143));
});
if (values['self-test']) {
  let red = true;
  for (const transport of chosenTransports()) red = (await selfTest(transport)) && red;
  process.exit(red ? 0 : 1);
}
const cases = chosenCases();
const results: Result[] = [];
for (const transport of chosenTransports()) results.push(...(await runOn(transport, cases)));
const total = (of: (result: Result) => number): number =>
  results.reduce((sum, result) => sum + of(result), 0);
const bad = results.filter(({ verdict }) => verdict !== 'passed');
console.log(
  `${results.length - bad.length} cases passed, ${bad.length} not` +
    (bad.length > 0 ? ` (${bad.map(({ id, verdict }) => `${id} ${verdict}`).join(', ')})` : ''),
);
console.log(
  `faults hit ${total((r) => r.hit)}/${total((r) => r.injected)}, lost ${total((r) => r.lost)}, ` +
    `doubled ${total((r) => r.doubled)}, acknowledged ${total((r) => r.acknowledged)}`,
);
process.exit(bad.length > 0 || results.length === 0 ? 1 : 0);
