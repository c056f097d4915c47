import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Post } from '../teacher/rules.js';
import { behind } from './pace.js';

const post = (validFrom: string, more: Partial<Post> = {}): Post => ({
  ...{ unitCode: '140403001', path: null, sector: 'BASIC', validFrom },
  ...more,
});
const all = [post('2020-09-01')];
const year = (centihours: number, required: number | null = 7200) => ({
  ...{ year: 2025, required, centihours },
});

describe('a teacher on the way to the minimum', () => {
  it.each<[string, Post[], ReturnType<typeof year>, string, ReturnType<typeof behind>]>([
    ['1 January: nothing is expected yet', all, year(0), '2025-01-01', null],
    ['half of it after June', all, year(3600), '2025-07-01', null],
    [
      'a hundredth short of half after June',
      all,
      year(3599),
      '2025-07-01',
      { expected: 3600, missing: 3601, monthsLeft: 6 },
    ],
    [
      'the month that has begun is left',
      all,
      year(0),
      '2025-07-31',
      { expected: 3600, missing: 7200, monthsLeft: 6 },
    ],
    ['the minimum is met', all, year(7200), '2025-12-31', null],
    [
      'a year that is over',
      all,
      year(7199),
      '2026-03-01',
      { expected: 7200, missing: 1, monthsLeft: 0 },
    ],
    ['a year to come', all, year(0), '2024-12-31', null],
    ['no number holds', all, year(0, null), '2025-12-01', null],
    [
      'who joined in September is asked from then on',
      [post('2025-09-01')],
      year(0, 2400),
      '2025-10-01',
      { expected: 600, missing: 2400, monthsLeft: 3 },
    ],
    [
      'months of a long leave ask nothing',
      [post('2020-09-01', { leaves: [{ from: '2025-01-01', to: '2025-06-30' }] })],
      year(0, 3600),
      '2025-07-01',
      null,
    ],
  ])('%s', (_, posts, given, on, pace) => {
    expect(behind(posts, given, on)).toEqual(pace);
  });

  it('is never behind with more hours, nor on target again as time goes on', () => {
    const month = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(month, month, fc.nat(7200), fc.nat(7200), (a, b, few, more) => {
        const day = (m: number) => `2025-${String(m).padStart(2, '0')}-01`;
        const [early, late] = [Math.min(a, b), Math.max(a, b)];
        const [low, high] = [Math.min(few, more), Math.max(few, more)];
        if (behind(all, year(low), day(early))) {
          expect(behind(all, year(low), day(late))).not.toBeNull();
        }
        if (behind(all, year(high), day(late))) {
          expect(behind(all, year(low), day(late))).not.toBeNull();
        }
      }),
    );
  });
});
