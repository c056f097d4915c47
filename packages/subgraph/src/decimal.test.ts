import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { formatHundredths, parseHundredths } from './decimal.js';

describe('hundredths', () => {
  it.each([
    ['72', 7200],
    ['72.5', 7250],
    ['0.07', 7],
    ['-3.10', -310],
    ['-0', 0],
    ['1.005', null],
    ['1e3', null],
    ['', null],
    ['99999999999999.99', null],
    ['90071992547409.91', 9007199254740991],
  ])('%s → %s', (text, value) => expect(parseHundredths(text)).toBe(value));

  it('come back as they went', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        fc.pre(Math.abs(value) < 1e15);
        expect(parseHundredths(formatHundredths(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});
