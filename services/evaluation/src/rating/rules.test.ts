import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gradeOf, kendallW } from './rules.js';

const grades = { A: 9000, B: 7500, C: 6000 };

describe('the grade', () => {
  it.each([
    [10000, 'A'],
    [9000, 'A'],
    [8999, 'B'],
    [7500, 'B'],
    [7499, 'C'],
    [6000, 'C'],
    [5999, 'D'],
    [0, 'D'],
  ])('of %s is %s', (score, grade) => {
    expect(gradeOf(score, grades)).toBe(grade);
  });
});

describe("Kendall's W", () => {
  it('is 1 for the same ranking, and undefined for few projects or none told apart', () => {
    expect(
      kendallW([
        [1, 2, 3],
        [10, 20, 30],
        [5, 6, 90],
      ]),
    ).toBe(100);
    expect(
      kendallW([
        [1, 2],
        [1, 2],
        [1, 2],
      ]),
    ).toBeNull();
    expect(
      kendallW([
        [1, 1, 1],
        [2, 2, 2],
        [3, 3, 3],
      ]),
    ).toBeNull();
  });

  it('agrees with a worked example', () => {
    // Ranks 1 2 3 4 / 2 1 4 3 / 1 3 2 4: sums 4 6 9 11, S = 29, W = 12·29 / (9·60).
    expect(
      kendallW([
        [1, 2, 3, 4],
        [2, 1, 4, 3],
        [1, 3, 2, 4],
      ]),
    ).toBe(64);
  });

  it('lies between 0 and 1', () => {
    const rater = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(rater, rater, rater, (a, b, c) => {
        const w = kendallW([a, b, c]);
        if (w !== null) {
          expect(w).toBeGreaterThanOrEqual(0);
          expect(w).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
