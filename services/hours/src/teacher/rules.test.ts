import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { serviceMonths, type Post, type Sector } from './rules.js';

const day = fc
  .date({ min: new Date('2024-06-01'), max: new Date('2026-06-30'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

const leaves = fc.option(fc.array(fc.record({ from: day, to: fc.option(day) }), { maxLength: 2 }), {
  freq: 2,
});

const posts: fc.Arbitrary<Post[]> = fc
  .array(
    fc.record({
      unitCode: fc.option(fc.constant('140403001'), { freq: 4 }),
      path: fc.constant(null),
      sector: fc.constantFrom<Sector[]>('BASIC', 'VOCATIONAL', 'HIGHER'),
      validFrom: fc.oneof(fc.constantFrom('2025-01-15', '2025-01-16', '2025-12-15'), day),
    }),
    { maxLength: 4 },
  )
  .map((list) => list.sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1)));

describe('serviceMonths', () => {
  it('counts a month by what holds on its 15th, day by day', () => {
    fc.assert(
      fc.property(posts, leaves, (list, away) => {
        const all = list.map((post) => ({ ...post, leaves: away }));
        const expected = Array.from({ length: 12 }, (_, index) => {
          const on = `2025-${String(index + 1).padStart(2, '0')}-15`;
          const post = all.filter(({ validFrom }) => validFrom <= on).pop();
          const isAway = away?.some(({ from, to }) => from <= on && (to === null || on <= to));
          return post?.unitCode && !isAway ? [{ month: index + 1, sector: post.sector }] : [];
        });
        expect(serviceMonths(all, 2025)).toEqual(expected.flat());
      }),
      { numRuns: 1_000 },
    );
  });
});
