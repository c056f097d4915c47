// Loaded into the processes under test by NODE_OPTIONS: makes a named point fail when the runner
// has asked for it by a file, and writes down that it did before it does.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

const POINTS = [
  'outbox.before-commit',
  'relay.before-send',
  'relay.before-mark',
  'relay.after-mark',
  'inbox.before-transaction',
  'inbox.before-commit',
  'inbox.after-commit',
  'inbox.before-park',
  'consumer.after-position',
  'recomputation.before-commit',
];

const folder = process.env.YANXIU_FAULTS;
const [, service, gateway] =
  /(?:services\/(\w+)|\/(gateway))\/dist\/main\.js$/.exec(process.argv[1] ?? '') ?? [];
const name = service ?? gateway;

const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function fail(point) {
  const order = join(folder, `${name}.${point}`);
  if (!existsSync(order)) return;
  const { action, ms } = JSON.parse(readFileSync(order, 'utf8'));
  try {
    renameSync(order, `${order}.taken`);
  } catch {
    return;
  }
  appendFileSync(join(folder, 'hits'), `${JSON.stringify({ name, point, pid: process.pid })}\n`);
  if (action === 'block') sleep(ms);
  else process.kill(process.pid, 'SIGKILL');
}

if (folder && name) {
  while (existsSync(join(folder, `${name}.hold-start`))) sleep(50);
  for (const point of POINTS) subscribe(`yanxiu:fault:${point}`, () => fail(point));
  if (existsSync(join(folder, 'mutant'))) await import('./mutants.mjs');
}
