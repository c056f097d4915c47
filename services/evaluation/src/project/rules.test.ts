import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  close,
  compositeOf,
  halfUp,
  rubricResult,
  scoreByRubric,
  type ChannelResult,
} from './rules.js';

const score = fc.integer({ min: 0, max: 10_000 });
const weight = fc.integer({ min: 1, max: 10 });

describe('halfUp', () => {
  it.each([
    [1n, 2n, 1],
    [-1n, 2n, 0],
    [-3n, 2n, -1],
    [-5n, 3n, -2],
    [-4n, 3n, -1],
    [5n, 2n, 3],
    [24n, 10n, 2],
    [0n, 7n, 0],
  ])('%s / %s is %s', (numerator, denominator, expected) => {
    expect(halfUp(numerator, denominator)).toBe(expected);
  });
});

describe('the composite', () => {
  it('is the weighted mean of the three channels, half up, and lies between them', () => {
    fc.assert(
      fc.property(score, score, score, weight, weight, weight, (a, n, s, wa, wn, ws) => {
        const composite = compositeOf(
          { AGENCY: a, ANONYMOUS_ONLINE: n, SUPERVISION: s },
          { AGENCY: wa, ANONYMOUS_ONLINE: wn, SUPERVISION: ws },
        );
        const exact = (a * wa + n * wn + s * ws) / (wa + wn + ws);
        expect(composite).toBe(Math.floor(exact + 0.5 + 1e-9));
        expect(composite).toBeGreaterThanOrEqual(Math.min(a, n, s));
        expect(composite).toBeLessThanOrEqual(Math.max(a, n, s));
      }),
    );
  });

  it('is null when any channel is missing (EVAL-THREE)', () => {
    const weights = { AGENCY: 1, ANONYMOUS_ONLINE: 1, SUPERVISION: 1 };
    const scores = { AGENCY: 9000, ANONYMOUS_ONLINE: 8000, SUPERVISION: 7000 };
    expect(compositeOf(scores, weights)).toBe(8000);
    for (const channel of ['AGENCY', 'ANONYMOUS_ONLINE', 'SUPERVISION'] as const) {
      expect(compositeOf({ ...scores, [channel]: null }, weights)).toBeNull();
    }
  });
});

describe('closing', () => {
  const channel = (value: number | null): ChannelResult => ({
    ...{ score: value, count: 1, reliability: null, measure: 'CRITERION_SPREAD' },
    ...{ warning: false, reason: null, dimensions: [] },
  });
  const weights = { AGENCY: 1, ANONYMOUS_ONLINE: 1, SUPERVISION: 1 };
  const closing = (state: string, anonymous: number | null, today: string) =>
    close(
      { state, deadline: '2025-08-01' },
      { agency: channel(90), anonymous: channel(anonymous), supervision: channel(80) },
      weights,
      8,
      today,
    );

  it.each([
    ['OPEN', 70, '2025-07-01', { outcome: 'COMPOSITE', composite: 80 }],
    ['OPEN', 70, '2025-09-01', { outcome: 'COMPOSITE', composite: 80 }],
    ['OPEN', null, '2025-08-01', null],
    ['OPEN', null, '2025-08-02', { outcome: 'INSUFFICIENT', composite: null }],
    ['WAITING', 70, '2025-09-01', null],
    ['CLOSED', 70, '2025-09-01', null],
  ] as const)(
    '%s with the anonymous score %s on %s gives %j',
    (state, anonymous, today, expected) => {
      const decision = closing(state, anonymous, today);
      if (expected) expect(decision).toEqual({ accepted: true, value: expected });
      else expect(decision).toMatchObject({ accepted: false, refusal: { rule: 'EVAL-THREE' } });
    },
  );
});

describe('scoring by a rubric', () => {
  const rubric = [
    { key: 'design', weight: 3 },
    { key: 'effect', weight: 1 },
  ];

  it('weighs the criteria', () => {
    const scores = [
      { key: 'effect', score: 50 },
      { key: 'design', score: 81 },
    ];
    expect(scoreByRubric(rubric, scores)).toEqual({ accepted: true, value: 7325 });
  });

  it('refuses criteria that are missing, unknown, doubled or outside 0–100', () => {
    const design = { key: 'design', score: 80 };
    const effect = { key: 'effect', score: 80 };
    for (const scores of [
      [design],
      [design, effect, { key: 'other', score: 1 }],
      [design, design, effect],
      [design, { key: 'effect', score: -1 }],
      [design, { key: 'effect', score: 100.5 }],
    ]) {
      expect(scoreByRubric(rubric, scores)).toMatchObject({ accepted: false });
    }
  });

  it('shows how far the criteria lie apart', () => {
    const result = rubricResult([
      {
        score: 7000,
        scores: [
          { key: 'design', score: 80 },
          { key: 'effect', score: 40 },
        ],
      },
      {
        score: 8001,
        scores: [
          { key: 'design', score: 81 },
          { key: 'effect', score: 60 },
        ],
      },
    ]);
    expect(result).toMatchObject({ score: 7501, count: 2, reliability: 8050 - 5000 });
    expect(rubricResult([])).toMatchObject({ score: null, count: 0, reliability: null });
  });
});
