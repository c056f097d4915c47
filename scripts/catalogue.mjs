import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Writes the golden snapshots of the events, docs/events/asyncapi.yaml and its README anew. */
const root = fileURLToPath(new URL('..', import.meta.url));
const jest = ['--no-warnings', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js'];
const done = spawnSync(
  process.execPath,
  [...jest, 'packages/contracts', '--selectProjects', 'unit', '--forceExit'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, UPDATE_SNAPSHOTS: '1' } },
);
process.exitCode = done.status ?? 1;
