import './node-floor.cjs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

setup();
const flags = ['--no-warnings', '--import', 'tsx', '--conditions=development'];
const main = join(root, 'e2e/src/faults/main.ts');
const done = spawnSync(process.execPath, [...flags, main, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = done.status ?? 1;
