import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const fixtures = join(root, 'scripts/lint-fixtures');
const config = join(root, '.dependency-cruiser.cjs');
const bin = (path: string) => join(root, 'node_modules', path);

function run(script: string, args: string[], cwd: string): string {
  const options = { cwd, encoding: 'utf8', maxBuffer: 1 << 26 } as const;
  return spawnSync(process.execPath, [script, ...args], options).stdout;
}

interface Cruised {
  summary: { violations: { rule: { name: string } }[] };
}

function brokenImportRules(fixture: string): string[] {
  const cruiser = bin('dependency-cruiser/bin/dependency-cruise.mjs');
  const args = ['--config', config, '--output-type', 'json', '.'];
  const output = run(cruiser, args, join(fixtures, 'imports', fixture));
  const { summary } = JSON.parse(output) as Cruised;
  return [...new Set(summary.violations.map((violation) => violation.rule.name))];
}

interface Linted {
  filePath: string;
  messages: { ruleId: string | null }[];
}

describe('import rules', () => {
  const rules = readdirSync(join(fixtures, 'imports'));

  it.each(rules)('%s is found broken in its fixture, and nothing else', (rule) => {
    expect(brokenImportRules(rule)).toEqual([rule]);
  });

  it('have a fixture each', () => {
    const listed = 'process.stdout.write(JSON.stringify(require(process.argv[1]).forbidden))';
    const output = spawnSync(process.execPath, ['-e', listed, config], { encoding: 'utf8' }).stdout;
    const names = (JSON.parse(output) as { name: string }[]).map((rule) => rule.name);
    expect(names.sort()).toEqual([...rules].sort());
  });
});

describe('code rules', () => {
  const args = ['--no-ignore', '--format', 'json', 'scripts/lint-fixtures/code'];
  const results = JSON.parse(run(bin('eslint/bin/eslint.js'), args, root)) as Linted[];

  it.each(readdirSync(join(fixtures, 'code')))('%s is found broken in its fixture', (rule) => {
    const path = join(fixtures, 'code', rule, 'breach.ts');
    const file = results.find(({ filePath }) => filePath === path);
    const broken = file?.messages.map(({ ruleId }) => ruleId?.replace('@typescript-eslint/', ''));
    expect(broken).toEqual([rule]);
  });
});
