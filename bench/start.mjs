// Warm start to `ready` with all data kept, and idle memory as the sum of PSS; Linux only.
// npm run bench:start -- [--data FOLDER] [--rounds 5] [--size tiny]
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tsImport } from 'tsx/esm/api';

const { descendants } = await tsImport('../packages/testkit/src/processes.ts', import.meta.url);
const root = fileURLToPath(new URL('../', import.meta.url));
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: join(root, '.yanxiu/bench-start') },
    rounds: { type: 'string', default: '5' },
    size: { type: 'string', default: 'tiny' },
    port: { type: 'string', default: '24870' },
    idle: { type: 'string', default: '30' },
  },
});

/** Starts the built platform; resolves with how long it took to its `ready` line. */
function start() {
  const since = performance.now();
  const args = [join(root, 'packages/cli/dist/main.js'), 'up', '--seed', '--size', values.size];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PORT: values.port, YANXIU_DATA_DIR: values.data },
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  // Loading the data takes minutes: its progress is shown.
  child.stderr.pipe(process.stderr, { end: false });
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      if (!String(chunk).includes('ready: ')) return;
      resolve({ child, exited, seconds: (performance.now() - since) / 1000 });
    });
    void exited.then((code) => reject(new Error(`ended with ${code}:\n${said.slice(-2000)}`)));
  });
}

async function stop({ child, exited }) {
  child.kill('SIGINT');
  await exited;
}

/** Which part of the platform a process belongs to. */
function partOf(command) {
  const service = /services\/(\w+)\/dist\/main\.js/.exec(command)?.[1];
  if (service) return service;
  if (command.includes('gateway/dist/main.js')) return 'gateway';
  return /postgres/.test(command) ? 'PostgreSQL' : 'supervisor';
}

async function pssKb(pid) {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
}

/** Sum of PSS and number of processes, for each part. */
async function memory(pid) {
  const all = [{ pid, command: 'supervisor' }, ...(await descendants(pid))];
  const parts = new Map();
  for (const one of all) {
    // A backend of the database may end while we look.
    const kb = await pssKb(one.pid).catch(() => 0);
    const part = parts.get(partOf(one.command)) ?? { kb: 0, processes: 0 };
    parts.set(partOf(one.command), { kb: part.kb + kb, processes: part.processes + 1 });
  }
  return parts;
}

function printMemory(parts) {
  console.log('\n| idle memory (PSS) | processes | MiB |\n|---|---|---|');
  const rows = [...parts].sort(([, a], [, b]) => b.kb - a.kb);
  for (const [name, { kb, processes }] of rows) {
    console.log(`| ${name} | ${processes} | ${(kb / 1024).toFixed(0)} |`);
  }
  const sum = rows.reduce((total, [, { kb }]) => total + kb, 0) / 1024;
  const count = rows.reduce((total, [, { processes }]) => total + processes, 0);
  console.log(`| **all** (goal ≤ 1024) | ${count} | **${sum.toFixed(0)}** |`);
}

function printTimes(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const [low, median, high] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  const spread = `${low.toFixed(1)} – ${high.toFixed(1)}`;
  console.log('| warm start to ready | median s | spread s | rounds |\n|---|---|---|---|');
  console.log(
    `| size ${values.size} (goal ≤ 15) | **${median.toFixed(1)}** | ${spread} | ${times.length} |`,
  );
}

// The first start makes the data where there are none; it is not counted.
await stop(await start());
const times = [];
let parts = new Map();
for (let round = 1; round <= Number(values.rounds); round += 1) {
  const platform = await start();
  times.push(platform.seconds);
  if (round === Number(values.rounds)) {
    await delay(Number(values.idle) * 1000);
    parts = await memory(platform.child.pid);
  }
  await stop(platform);
}
const day = new Date().toISOString().slice(0, 10);
console.log(`${day}, Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0].model})\n`);
printTimes(times);
printMemory(parts);
