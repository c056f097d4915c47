import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PolicySet } from '@yanxiu/registry/policy';
import { ethicsFirst, practicePercent, practiceTooLow, shares, takesScheme } from './rules.js';

const policies = PolicySet.of(
  Object.entries({
    'training.scheme.ethicsMinCentihours': 1,
    'training.scheme.practiceShareWarn': 50,
  }).map(([key, value]) => ({
    key,
    version: 1,
    value,
    unit: '',
    article: '',
    quotation: '',
    instrument: '',
  })),
);
const ethics = { type: 'ETHICS' as const, required: true, centihours: 400, practice: false };
const subject = { ...ethics, type: 'SUBJECT' as const };

describe('SCHEME-ETHICS-FIRST', () => {
  it.each([
    ['ethics first', [ethics, subject], true],
    ['ethics second', [subject, ethics], false],
    ['no ethics', [subject], false],
    ['not required', [{ ...ethics, required: false }, subject], false],
    ['no hours', [{ ...ethics, centihours: 0 }, subject], false],
    ['the least of hours', [{ ...ethics, centihours: 1 }], true],
    ['no module', [], false],
  ])('%s: %j', (_, modules, accepted) => {
    expect(ethicsFirst(modules, policies).accepted).toBe(accepted);
  });
});

describe('SCHEME-PRACTICE', () => {
  it.each([
    [49, 100, true],
    [50, 100, false],
    [4_999, 10_000, true],
    [0, 100, true],
    [100, 100, false],
  ])('%i of %i warns: %s', (practice, total, warns) => {
    expect(practiceTooLow({ practice, total }, policies)).toBe(warns);
  });

  it('adds up hours and rounds the share half up', () => {
    expect(shares([ethics, { ...subject, practice: true }])).toEqual({ total: 800, practice: 400 });
    expect(practicePercent(1, 200)).toBe(1);
    expect(practicePercent(0, 0)).toBe(0);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.nat(1e6), (total, part) => {
        const practice = Math.min(part, total);
        return Math.abs(practicePercent(practice, total) - (100 * practice) / total) <= 0.5;
      }),
    );
  });
});

describe('a scheme', () => {
  it.each([
    ['FILED', 'CITY', true],
    ['APPROVED', 'CITY', false],
    ['SCHEME_APPROVED', 'CITY', false],
    ['FILED', 'SCHOOL', false],
  ])('is taken by a project %s of level %s: %s', (status, level, accepted) => {
    expect(takesScheme({ status, level }).accepted).toBe(accepted);
  });
});
