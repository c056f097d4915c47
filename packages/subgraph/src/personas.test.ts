import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { DATA_CLASSES, REACH } from './access.js';
import { ROLES } from './actor.js';

const FILE = new URL('../../../docs/personas.md', import.meta.url);

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const table = [
  row(['role', ...DATA_CLASSES]),
  row(['---', ...DATA_CLASSES.map(() => '---')]),
  ...(['ANYONE', ...ROLES] as const).map((role) =>
    row([role, ...DATA_CLASSES.map((data) => REACH[role][data].replace('NONE', '–'))]),
  ),
].join('\n');

it('docs/personas.md has the table of reach as it is', () => {
  const [, written] = /<!-- reach:.*?-->\n+([^]*?)\n+<!-- end -->/.exec(
    readFileSync(FILE, 'utf8'),
  ) ?? [''];
  expect(written).toBe(table);
});

it('docs/personas.md explains every class and every reach', () => {
  const text = readFileSync(FILE, 'utf8');
  const reaches = new Set(Object.values(REACH).flatMap((of) => Object.values(of)));
  for (const word of [...DATA_CLASSES, ...reaches].filter((one) => one !== 'NONE')) {
    expect(text).toContain(`\`${word}\` `);
  }
});
