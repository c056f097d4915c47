import { describe, expect, it } from '@jest/globals';
import { POLICY_KEYS } from '@yanxiu/registry/policy-keys';
import { fits } from '@yanxiu/registry/policy-value';
import { POLICY_SEEDS } from './seeds.js';

describe('the parameters as first published', () => {
  it('are every known parameter, once', () => {
    const keys = POLICY_SEEDS.map((seed) => seed.key);
    expect([...keys].sort()).toEqual(Object.keys(POLICY_KEYS).sort());
  });

  it.each(POLICY_SEEDS.map((seed) => [seed.key, seed] as const))('%s fits its shape', (_, seed) => {
    expect(fits(seed.key, seed.value)).toMatchObject({ accepted: true });
    expect(seed.quotation).not.toBe('');
  });

  it.each(POLICY_SEEDS.map((seed) => seed.key))('%s refuses a value of another shape', (key) => {
    for (const value of ['nonsense', -1, { a: 1 }, true, [{}]]) {
      expect(fits(key, value)).toMatchObject({ accepted: false });
    }
  });

  it.each([
    ['hours.basic.annual', 72.5],
    ['hours.cycle', { years: 5, anchor: 2021, mode: 'AVERAGE', basic: 1, vocational: 1 }],
    ['evaluation.weights', { AGENCY: 1, SUPERVISION: 1 }],
    ['training.tiers', { BASIC: ['CITY'], VOCATIONAL: ['CITY'], HIGHER: [] }],
    ['evaluation.minResponses', 0],
    ['toString', 1],
  ])('%s refuses %j', (key, value) => {
    expect(fits(key, value)).toMatchObject({ accepted: false });
  });
});
