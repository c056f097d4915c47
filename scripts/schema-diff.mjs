import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { Supergraph } from '@apollo/federation-internals';
import { fileAtBase } from './git-base.mjs';
import { root, supergraphFile } from './supergraph.mjs';

const noted = join(root, 'gateway/schema-changes.md');

/** What clients see of a supergraph. */
function apiSchema(sdl) {
  return Supergraph.build(sdl).apiSchema().toGraphQLJSSchema();
}

/** Two copies of federation's internals break composition in ways that are hard to see. */
function internalsInstalled(folder = root) {
  const modules = join(folder, 'node_modules');
  const here = join(modules, '@apollo/federation-internals/package.json');
  return existsSync(here) ? [JSON.parse(readFileSync(here, 'utf8')).version] : [];
}

function workspaces() {
  const grouped = ['packages', 'services'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(root, group, name)),
  );
  return [root, ...grouped, join(root, 'gateway'), join(root, 'e2e')];
}

function oneFederationVersion() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const locked = Object.entries(lock)
    .filter(([path]) => path.endsWith('node_modules/@apollo/federation-internals'))
    .map(([, { version }]) => version);
  const installed = workspaces().flatMap((folder) => internalsInstalled(folder));
  if (locked.length === 1 && installed.length === 1 && locked[0] === installed[0]) return true;
  console.error(
    `One @apollo/federation-internals is wanted: locked ${locked}, installed ${installed}`,
  );
  return false;
}

async function breakingChanges() {
  const before = fileAtBase('gateway/supergraph.graphql');
  if (before === undefined) {
    console.log('No supergraph at the base to compare with.');
    return [];
  }
  const now = readFileSync(supergraphFile, 'utf8');
  const changes = await diff(apiSchema(before), apiSchema(now));
  // Whole words, so that `Query.team` does not also allow a break of `Query.teams`.
  const allowed = existsSync(noted) ? readFileSync(noted, 'utf8').split(/[\s`,:|]+/) : [];
  return changes
    .filter((change) => change.criticality.level === CriticalityLevel.Breaking)
    .filter((change) => !allowed.includes(change.path));
}

const single = oneFederationVersion();
const breaking = await breakingChanges();
for (const { path, message } of breaking) console.error(`BREAKING ${path}: ${message}`);
if (breaking.length > 0) {
  console.error('A break that is meant is named by its path in gateway/schema-changes.md.');
}
process.exitCode = single && breaking.length === 0 ? 0 : 1;
