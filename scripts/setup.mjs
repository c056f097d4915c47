import './node-floor.cjs';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockStamp = join(root, 'node_modules/.yanxiu-lock');
const buildStamp = join(root, '.turbo/yanxiu-build');

/** Says something without touching stdout, which belongs to the command that follows. */
function say(text) {
  process.stderr.write(`${text}\n`);
}

function runNode(args, env = {}) {
  // Everything that a tool prints goes to stderr.
  const stdio = ['ignore', 2, 2];
  const done = spawnSync(process.execPath, args, {
    cwd: root,
    stdio,
    env: { ...process.env, ...env },
  });
  if (done.status === 0) return;
  if (done.error) say(String(done.error));
  process.exit(done.status || 1);
}

/** npm's own script, so that no shell and no npm.cmd is needed on any platform. */
function npmScript() {
  const bin = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath,
    join(bin, 'node_modules/npm/bin/npm-cli.js'),
    join(bin, '../lib/node_modules/npm/bin/npm-cli.js'),
    join(bin, '../share/nodejs/npm/bin/npm-cli.js'),
  ];
  const found = candidates.find((path) => path?.endsWith('npm-cli.js') && existsSync(path));
  if (found !== undefined) return found;
  say('npm was not found beside Node.js: run `npm ci` here, then try again.');
  return process.exit(1);
}

function hashOf(content) {
  return createHash('sha256').update(content).digest('hex');
}

/** Whether what npm says it installed is what the lockfile asks for. */
function installedAsLocked() {
  const hidden = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(hidden)) return false;
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(locked).every(([path, wanted]) => {
    if (!path.includes('node_modules/')) return true;
    const there = installed[path];
    if (there === undefined) return wanted.optional === true || wanted.peer === true;
    return there.version === wanted.version && there.resolved === wanted.resolved;
  });
}

/** Installs from the lockfile when node_modules is missing or belongs to another lockfile. */
export function installIfStale() {
  const hash = hashOf(readFileSync(join(root, 'package-lock.json')));
  if (existsSync(lockStamp) && readFileSync(lockStamp, 'utf8') === hash) return;
  if (!installedAsLocked()) {
    say('Installing packages from the lockfile (once) / 正在安装依赖（仅首次）…');
    runNode([npmScript(), 'ci', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  writeFileSync(lockStamp, hash);
}

/** Every file that the build reads, as "path size mtime". */
function buildInputs() {
  const single = ['package-lock.json', 'turbo.json', 'tsconfig.base.json', 'scripts/build.mjs'];
  const files = [...single, 'scripts/codegen.mjs'].map((name) => join(root, name));
  for (const workspace of workspaces()) {
    files.push(join(workspace, 'package.json'), join(workspace, 'tsconfig.json'));
    for (const folder of [join(workspace, 'src'), join(workspace, 'pages')]) {
      if (existsSync(folder)) files.push(...sourcesUnder(folder));
    }
  }
  return files.sort().map((file) => {
    const { size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
    return `${file} ${size} ${mtimeMs}`;
  });
}

function workspaces() {
  const grouped = ['packages', 'services'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(root, group, name)),
  );
  return [...grouped, join(root, 'gateway')].filter((path) => !path.endsWith('testkit'));
}

function sourcesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'generated' ? [] : sourcesUnder(path);
    return entry.name.endsWith('.test.ts') ? [] : [path];
  });
}

function runTurbo() {
  runNode(
    [
      join(root, 'node_modules/turbo/bin/turbo'),
      ...['run', 'build', '--filter=!@yanxiu/e2e', '--filter=!@yanxiu/testkit'],
      ...['--output-logs=errors-only', '--ui=stream', '--log-order=grouped', '--cache=local:rw'],
    ],
    { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
  );
}

/** Builds when something changed since the last build; turbo then skips what did not. */
export function buildIfStale() {
  const built = workspaces().every((path) => existsSync(join(path, 'dist')));
  const now = hashOf(buildInputs().join('\n'));
  if (built && existsSync(buildStamp) && readFileSync(buildStamp, 'utf8') === now) return;
  say('Building (skips what is built) / 正在构建…');
  runTurbo();
  mkdirSync(dirname(buildStamp), { recursive: true });
  writeFileSync(buildStamp, now);
}

/** Makes a clone ready to run; does next to nothing when it is. */
export function setup() {
  installIfStale();
  buildIfStale();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup();
