import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const windows = process.platform === 'win32';

/**
 * Passes the first signal on, once, and then waits for the child to shut down. ^C in a terminal
 * reaches the whole foreground group, and npm sends it again: so the child leads a group of its
 * own and hears of it from here only. Windows has no groups; there the console tells everyone.
 */
function forwardOneSignal(child) {
  let passed = false;
  const pass = (signal) => {
    if (!passed && !windows) child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
    passed = true;
  };
  for (const signal of signals) process.on(signal, () => pass(signal));
  watchNpm(() => pass('SIGTERM'));
}

/** A signal sent to npm alone kills only the shell that npm put between itself and us. */
function watchNpm(onGone) {
  if (process.env.npm_lifecycle_event === undefined || windows) return;
  const parent = process.ppid;
  const timer = setInterval(() => process.ppid !== parent && onGone(), 200);
  timer.unref();
}

/** Sets the clone up, runs the built `yanxiu` with the arguments and exits with its code. */
export async function runCli(args) {
  const { root, setup } = await import('./setup.mjs');
  setup();
  const main = join(root, 'packages/cli/dist/main.js');
  // The channel closes when this process dies, however it dies: `up` takes that as a signal.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const child = spawn(process.execPath, [main, ...args], { stdio, detached: !windows });
  forwardOneSignal(child);
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}
