import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fileAtBase, filesAtBase } from './git-base.mjs';

const folder = 'packages/contracts/snapshots';
const root = new URL('..', import.meta.url);
const { breaksOf } = await import(new URL('packages/contracts/dist/compatibility.js', root));

/** What a golden snapshot's change since the base breaks: a new file cannot hide an old shape. */
function breaksOfFile(name) {
  const now = fileURLToPath(new URL(`${folder}/${name}`, root));
  if (!existsSync(now)) return [{ hurts: 'consumer', path: '', why: 'is gone' }];
  const before = JSON.parse(fileAtBase(`${folder}/${name}`));
  return breaksOf(before, JSON.parse(readFileSync(now, 'utf8')));
}

const names = filesAtBase(folder);
if (names.length === 0) console.log('No event snapshots at the base to compare with.');
const found = names.flatMap((name) => breaksOfFile(name).map((each) => ({ name, ...each })));
for (const { name, hurts, path, why } of found) {
  console.error(`BREAKS a ${hurts}: ${name.replace(/\.json$/, '')} ${path} ${why}`);
}
if (found.length > 0) console.error('What breaks somebody is published as a new version: ….v2.');
process.exitCode = found.length === 0 ? 0 : 1;
