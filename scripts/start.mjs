import './node-floor.cjs';
import { runCli } from './run-cli.mjs';

await runCli(['up', '--seed', ...process.argv.slice(2)]);
