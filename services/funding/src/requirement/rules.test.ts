import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PolicySet } from '@yanxiu/registry/policy';
import { statutoryRuleOf } from '../base/rules.js';
import { isMet, missingTo, requirementOf, shareOf } from './rules.js';

describe('a share of an amount', () => {
  it.each([
    [0, 250, 0],
    [1, 250, 0],
    [19, 250, 0],
    // 20 fen × 2.5 % = 0.5 fen: half up.
    [20, 250, 1],
    [59, 250, 1],
    [60, 250, 2],
    [100_000_000, 250, 2_500_000],
    [9, 500, 0],
    [10, 500, 1],
    [33, 150, 0],
    [34, 150, 1],
    [100, 150, 2],
    // Beyond what a product of doubles holds exactly.
    [9_007_199_254_740_991, 250, 225_179_981_368_525],
  ])('%d fen at %d basis points is %d fen', (fen, points, share) => {
    expect(shareOf(fen, points)).toBe(share);
  });

  it('is never more than half a fen off, and never falls when the amount grows', () => {
    const fens = fc.integer({ min: 0, max: 9_000_000_000 });
    const points = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(fens, points, (fen, basisPoints) => {
        const share = shareOf(fen, basisPoints);
        const off = BigInt(share) * 10_000n - BigInt(fen) * BigInt(basisPoints);
        expect(off > -5_000n && off <= 5_000n).toBe(true);
        expect(shareOf(fen + 1, basisPoints)).toBeGreaterThanOrEqual(share);
      }),
    );
  });
});

describe('the rule of a unit', () => {
  it.each([
    ['PROVINCE', null, null, 'FUND-GOV'],
    ['CITY', null, null, 'FUND-GOV'],
    ['COUNTY', null, null, 'FUND-GOV'],
    ['SCHOOL', 'BASIC', 'KINDERGARTEN', 'FUND-SCHOOL'],
    ['SCHOOL', 'BASIC', null, 'FUND-SCHOOL'],
    ['SCHOOL', 'VOCATIONAL', 'SECONDARY_VOCATIONAL', 'FUND-SCHOOL'],
    ['SCHOOL', 'VOCATIONAL', 'HIGHER', 'FUND-HIGHER'],
    ['SCHOOL', 'HIGHER', 'HIGHER', 'FUND-HIGHER'],
    ['SCHOOL', 'HIGHER', null, 'FUND-HIGHER'],
  ] as const)('%s %s %s: %s', (tier, sector, stage, rule) => {
    expect(statutoryRuleOf({ tier, sector, stage })).toBe(rule);
  });
});

describe('a requirement', () => {
  const version = {
    version: 3,
    unit: 'basis-points',
    article: '四（二）',
    quotation: '',
    instrument: '',
  };
  const policies = PolicySet.of([
    { ...version, key: 'funding.gov', value: { basisPoints: 300, base: 'PAYROLL_BASIC' } },
  ]);
  const amounts = { payrollFen: 1_000, teacherPayrollFen: null, publicFundsFen: null };

  it('takes the share and the base of the parameter, and cites it', () => {
    expect(requirementOf('FUND-GOV', amounts, policies)).toEqual({
      rule: 'FUND-GOV',
      comparator: 'MINIMUM',
      baseFen: 1_000,
      basisPoints: 300,
      requiredFen: 30,
      policyKey: 'funding.gov',
      policyVersion: 3,
      article: '四（二）',
    });
  });

  it('is none when its base was not declared', () => {
    expect(requirementOf('FUND-GOV', { ...amounts, payrollFen: null }, policies)).toBeNull();
  });

  it.each([
    ['MINIMUM', 99, false, 1],
    ['MINIMUM', 100, true, 0],
    ['MINIMUM', 101, true, 0],
    ['EXACT', 101, false, 0],
    ['EXACT', 100, true, 0],
  ] as const)(
    '%s of 100 with %d budgeted: met %s, missing %d',
    (comparator, budget, met, missing) => {
      expect(isMet(comparator, 100, budget)).toBe(met);
      expect(missingTo(100, budget)).toBe(missing);
    },
  );
});
