import './node-floor.cjs';
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

// What is done to the built platform from outside: the faults, the attacks.
const [what = '', ...args] = process.argv.slice(2);
setup();
const flags = ['--no-warnings', '--import', 'tsx', '--conditions=development'];
const main = join(root, 'e2e/src', what, 'main.ts');
const child = spawn(process.execPath, [...flags, main, ...args], { cwd: root, stdio: 'inherit' });
// What it has started is ended by itself only: it is told, and waited for.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
});
