import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anonymousResult, cronbachAlpha, overallScore } from './rules.js';

const sheet = (items: number) =>
  fc.array(fc.integer({ min: 1, max: 5 }), { minLength: items, maxLength: items });
const sheets = fc
  .integer({ min: 2, max: 6 })
  .chain((items) => fc.array(sheet(items), { minLength: 2, maxLength: 30 }));

/** The textbook's formula, in floating point. */
function alphaByTextbook(responses: number[][]): number | null {
  const variance = (values: number[]): number => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  };
  const k = responses[0]?.length ?? 0;
  const totals = responses.map((answers) => answers.reduce((sum, answer) => sum + answer, 0));
  if (new Set(totals).size === 1) return null;
  const items = Array.from({ length: k }, (_each, item) =>
    variance(responses.map((answers) => answers[item] ?? 0)),
  );
  const sum = items.reduce((total, value) => total + value, 0);
  return (k / (k - 1)) * (1 - sum / variance(totals));
}

describe("Cronbach's alpha", () => {
  it('agrees with the formula of the textbook', () => {
    fc.assert(
      fc.property(sheets, (responses) => {
        const expected = alphaByTextbook(responses);
        const alpha = cronbachAlpha(responses);
        if (expected === null) expect(alpha).toBeNull();
        else expect(Math.abs((alpha ?? Number.NaN) - expected * 100)).toBeLessThanOrEqual(0.5001);
      }),
    );
  });

  it('is 1 when all items say the same, and undefined without variance', () => {
    expect(
      cronbachAlpha([
        [1, 1],
        [3, 3],
        [5, 5],
      ]),
    ).toBe(100);
    expect(
      cronbachAlpha([
        [4, 4],
        [4, 4],
      ]),
    ).toBeNull();
    expect(cronbachAlpha([[4, 4]])).toBeNull();
    expect(
      cronbachAlpha([
        [4, 4],
        [1, 2, 3],
      ]),
    ).toBeNull();
  });
});

describe('the result of the anonymous channel', () => {
  const items = [{ dimension: 'content' }, { dimension: 'content' }, { dimension: 'satisfaction' }];
  const policy = { minResponses: 8, alphaWarn: 70 };

  it('scales 1–5 to 0–100', () => {
    expect(overallScore([[1, 1]])).toBe(0);
    expect(overallScore([[5, 5]])).toBe(10_000);
    expect(overallScore([[4, 5, 4]])).toBe(8333);
  });

  it('tells nothing but the number from fewer than the policy says (EVAL-ANON)', () => {
    fc.assert(
      fc.property(fc.array(sheet(3), { maxLength: 20 }), (responses) => {
        const result = anonymousResult(items, responses, policy);
        const told = result.score !== null;
        expect(told).toBe(responses.length >= 8);
        expect(result.dimensions.length > 0).toBe(told);
        expect(result.count).toBe(responses.length);
        if (!told) expect(result.reliability).toBeNull();
      }),
    );
  });

  it('warns when alpha is low or undefined (EVAL-RELIABLE)', () => {
    const consistent = [1, 2, 3, 4, 5, 1, 3, 5].map((answer) => [answer, answer, answer]);
    expect(anonymousResult(items, consistent, policy)).toMatchObject({
      reliability: 100,
      warning: false,
    });
    const straight = Array.from({ length: 8 }, () => [4, 4, 4]);
    expect(anonymousResult(items, straight, policy)).toMatchObject({
      reliability: null,
      warning: true,
    });
    const scattered = [1, 2, 3, 4, 5, 1, 3, 5].map((answer) => [answer, 6 - answer, 3]);
    expect(anonymousResult(items, scattered, policy)).toMatchObject({ warning: true });
  });

  it('gives a mean for each dimension', () => {
    const responses = Array.from({ length: 8 }, () => [4, 5, 3]);
    expect(anonymousResult(items, responses, policy).dimensions).toEqual([
      { dimension: 'content', mean: 450, score: 8750 },
      { dimension: 'satisfaction', mean: 300, score: 5000 },
    ]);
  });
});
