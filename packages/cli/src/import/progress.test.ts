import { describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { Progress } from './progress.js';

describe('progress', () => {
  it('is silent for two seconds, then a line at most every five without a terminal', () => {
    let now = 0;
    const lines: string[] = [];
    const progress = new Progress('rows', { write: (text) => lines.push(text) }, () => now);
    for (now = 0; now <= 12_000; now += 500) progress.update(now / 500, 24);
    progress.stop();
    expect(lines).toEqual(['rows 4/24\n', 'rows 14/24\n', 'rows 24/24\n']);
  });

  it('is a bar on a terminal', () => {
    let now = 0;
    const screen = Object.assign(new PassThrough(), { isTTY: true });
    const progress = new Progress('rows', screen, () => now);
    progress.update(0, 10);
    expect(screen.read()).toBeNull();
    now = 2_500;
    progress.update(5, 10);
    progress.update(10, 10);
    progress.stop();
    expect(String(screen.read())).toMatch(/rows .*10\/10/);
  });
});
