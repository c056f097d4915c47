import './node-floor.cjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { installIfStale, root } from './setup.mjs';

const onCi = process.env.CI === 'true';
const results = join(root, '.turbo/test-results');

/** Runs node; each of its outputs goes where `stdio` of `spawn` says. True when it ends well. */
async function node(args, stdout, stderr) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', stdout, stderr] });
  const [code] = await once(child, 'exit');
  return code === 0;
}

const bin = (path) => join(root, 'node_modules', path);

/** A stage that is not jest counts as one check. */
function check(...args) {
  return async (out) => ((await node(args, out, out)) ? { passed: 1 } : { failed: 1 });
}

/** A tier of jest: what its result file counts; one failure when there is no such file. */
function tier(name) {
  return async (out) => {
    const file = join(results, `${name}.json`);
    rmSync(file, { force: true });
    // Database and broker clients may keep sockets for a while after the last test.
    const flags = ['--forceExit', '--passWithNoTests', '--json', `--outputFile=${file}`];
    const jest = ['--no-warnings', '--experimental-vm-modules', bin('jest/bin/jest.js')];
    const workers = name === 'e2e' || name === 'browser' ? ['--runInBand'] : [];
    // --json prints the results on stdout as well; people read stderr.
    const args = [...jest, '--selectProjects', name, ...flags, ...workers];
    const good = await node(args, 'ignore', out);
    if (!existsSync(file)) return { failed: 1 };
    const json = JSON.parse(readFileSync(file, 'utf8'));
    const crashed = json.numRuntimeErrorTestSuites;
    const failed = json.numFailedTests + crashed;
    return {
      passed: json.numPassedTests,
      failed: failed === 0 && !good ? 1 : failed,
      skipped: json.numPendingTests + json.numTodoTests,
      reasons: json.testResults.flatMap(reasonsOf),
    };
  };
}

const plain = (text) => stripVTControlCharacters(text).trim();
const firstLines = (text) => plain(text).split('\n').slice(0, 12).join('\n    ');

/** What failed in one file of tests, and why, in few lines. */
function reasonsOf({ name, message, assertionResults, status }) {
  const file = relative(root, name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0)
    return status === 'failed' ? [`${file}\n    ${firstLines(message)}`] : [];
  return failed.map(
    (test) => `${file} › ${test.fullName}\n    ${firstLines(test.failureMessages.join('\n'))}`,
  );
}

/** Skips loudly what this machine cannot run; in CI that is a failure. */
function needing(what, stage) {
  return async (out) => {
    const missing = await what();
    if (missing === undefined) return stage(out);
    console.log(`!!! ${onCi ? 'FAILED' : 'SKIPPED'}: ${missing} is missing`);
    return onCi ? { failed: 1 } : { skipped: 1 };
  };
}

async function missingForKafka() {
  const { whatIsMissing } = await import('../infra/kafka/classpath.mjs');
  return whatIsMissing();
}

/** The fault matrix in its short form, and that it goes red when a guard is off. */
async function faults(out) {
  const run = (...args) => check('scripts/outside.mjs', 'faults', ...args);
  const parts = [
    run('--short', '--transport', 'postgres'),
    run('--self-test', '--transport', 'postgres'),
    needing(missingForKafka, run('--short', '--transport', 'kafka')),
  ];
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const part of parts) {
    const { passed = 0, failed = 0, skipped = 0 } = await part(out);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}

function missingForBrowser() {
  const named = process.env.CHROMIUM_PATH;
  const places = [
    named,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ];
  return places.some((path) => path && existsSync(path)) ? undefined : 'Chromium (apt: chromium)';
}

const stages = {
  build: check('scripts/setup.mjs'),
  typecheck: check('scripts/tsc.mjs', '-p', 'tsconfig.json', '--noEmit'),
  lint: check(bin('eslint/bin/eslint.js'), '.'),
  imports: check(
    bin('dependency-cruiser/bin/dependency-cruise.mjs'),
    ...['--config', '.dependency-cruiser.cjs', 'packages', 'services', 'gateway', 'e2e'],
  ),
  compose: check('scripts/compose.mjs', '--check'),
  operations: check('scripts/operations.mjs', '--check'),
  'schema-diff': check('scripts/schema-diff.mjs'),
  'event-diff': check('scripts/event-diff.mjs'),
  unit: tier('unit'),
  db: tier('db'),
  kafka: needing(missingForKafka, tier('kafka')),
  e2e: tier('e2e'),
  attacks: check('scripts/outside.mjs', 'attacks'),
  faults,
  browser: needing(missingForBrowser, tier('browser')),
};

function selected() {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const names = values.only?.split(',') ?? Object.keys(stages);
  const unknown = names.filter((name) => !(name in stages));
  if (unknown.length === 0) return names;
  console.error(`No such stage: ${unknown.join(', ')} (${Object.keys(stages).join(', ')})`);
  return process.exit(2);
}

const total = { passed: 0, failed: 0, skipped: 0 };
const lines = [];

/** Runs a stage; with `aside` what it prints is kept until its end. */
async function runStage(name, aside) {
  console.log(`\n=== ${name}${aside ? ' begins' : ''}`);
  const begun = performance.now();
  const file = join(results, `${name}.log`);
  const out = aside ? openSync(file, 'w') : 'inherit';
  const { passed = 0, failed = 0, skipped = 0, reasons = [] } = await stages[name](out);
  if (aside) {
    closeSync(out);
    console.log(`\n=== ${name}\n${readFileSync(file, 'utf8')}`);
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const line = `=== ${name}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds} s`;
  console.log(line);
  lines.push(line, ...reasons.map((reason) => `  ✕ ${reason}`));
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

async function runLane(names, aside) {
  for (const name of names) await runStage(name, aside);
}

/** Much of these stages is waiting, for processes to start and for faults to pass. */
const BESIDE = ['e2e', 'attacks'];

const names = selected();
installIfStale();
mkdirSync(results, { recursive: true });
const first = (name) => name === 'build';
const beside = (name) => BESIDE.includes(name);
await runLane(names.filter(first), false);
const lanes = [names.filter(beside), names.filter((name) => !first(name) && !beside(name))].filter(
  (lane) => lane.length > 0,
);
await Promise.all(lanes.map((lane) => runLane(lane, lanes.length > 1)));
console.log(`\n${lines.join('\n')}`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;
