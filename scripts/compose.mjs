import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { composeSupergraph, supergraphFile } from './supergraph.mjs';

/** The first line in which two texts differ, for a hint. */
function firstDifference(before, after) {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const at = fresh.findIndex((line, index) => line !== old[index]);
  const line = at === -1 ? fresh.length : at;
  return `line ${line + 1}:\n- ${old[line] ?? ''}\n+ ${fresh[line] ?? ''}`;
}

async function main() {
  const composed = await composeSupergraph();
  if (!process.argv.includes('--check')) {
    writeFileSync(supergraphFile, composed);
    return;
  }
  const committed = existsSync(supergraphFile) ? readFileSync(supergraphFile, 'utf8') : '';
  if (committed === composed) return;
  console.error(`gateway/supergraph.graphql is not what the services' SDL composes to.`);
  console.error('Run `npm run compose` and commit it. First difference:');
  console.error(firstDifference(committed, composed));
  process.exitCode = 1;
}

main().catch((error) => {
  console.error(`The supergraph does not compose:\n${error.message}`);
  process.exitCode = 1;
});
