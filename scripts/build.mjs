import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const tsc = fileURLToPath(new URL('tsc.mjs', import.meta.url));
const assets = /\.(graphql|sql)$/;

function run(script, args) {
  const done = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** What the running code reads beside itself goes to the same place under dist. */
function copyAssets() {
  for (const file of filesUnder('src').filter((name) => assets.test(name))) {
    cpSync(file, join('dist', file.slice('src'.length + 1)));
  }
}

/** Builds the pages of the folder, where it has any. */
function buildPages() {
  const config = ['ts', 'mts', 'js', 'mjs']
    .map((ending) => join('pages', `vite.config.${ending}`))
    .find((path) => existsSync(path));
  if (config === undefined) return;
  const require = createRequire(join(process.cwd(), 'package.json'));
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin/vite.js');
  run(vite, ['build', 'pages', '--config', config, '--logLevel', 'warn']);
}

rmSync('dist', { recursive: true, force: true });
if (existsSync('src') && filesUnder('src').some((name) => /\.tsx?$/.test(name))) {
  run(tsc, ['-p', 'tsconfig.json']);
  copyAssets();
}
buildPages();
