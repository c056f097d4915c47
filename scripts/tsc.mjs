import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// TypeScript 7, the native compiler; `typescript` itself stays at 6 for the tools' JS API.
const tsc = fileURLToPath(new URL('../node_modules/typescript7/bin/tsc', import.meta.url));
const run = spawnSync(process.execPath, [tsc, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(run.status ?? 1);
