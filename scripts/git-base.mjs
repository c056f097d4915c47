import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function git(...args) {
  const done = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 });
  return done.status === 0 ? done.stdout : undefined;
}

/** The commit to compare with: SCHEMA_BASE, or where origin's branch was left, or HEAD~1. */
function base() {
  const fork = git('merge-base', 'HEAD', 'origin/HEAD') ?? git('merge-base', 'HEAD', 'origin/main');
  const head = git('rev-parse', 'HEAD')?.trim();
  const forked = fork !== undefined && fork.trim() !== head ? fork.trim() : undefined;
  return process.env.SCHEMA_BASE ?? forked ?? 'HEAD~1';
}

/** A committed file as it was at the base, or undefined. */
export function fileAtBase(path) {
  return git('show', `${base()}:${path}`);
}

/** Names of the files that a folder had at the base. */
export function filesAtBase(folder) {
  const names = git('ls-tree', '--name-only', `${base()}:${folder}`) ?? '';
  return names.split('\n').filter(Boolean);
}
