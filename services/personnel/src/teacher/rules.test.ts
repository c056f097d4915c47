import { describe, expect, it } from '@jest/globals';
import { at, whoMay } from '@yanxiu/testkit/acting';
import { may } from './rules.js';

const ours = { code: '1404030001', governed: true };
const another = { code: '1402020001', governed: false };
const DEPARTMENT = at('OFFICER', 'PROVINCE', 'CITY', 'COUNTY');

describe('who may, of a teacher', () => {
  it.each(['register', 'reveal'] as const)('%s: an officer of a department', (action) => {
    expect(whoMay((actor) => may(actor, action))).toEqual(DEPARTMENT);
  });

  it.each([
    ['reclassify', [...at('OFFICER'), ...at('COORDINATOR')]],
    ['transfer', DEPARTMENT],
    ['retire', DEPARTMENT],
    ['erase', at('OFFICER', 'PROVINCE', 'COUNTY')],
  ] as const)('%s', (action, allowed) => {
    expect(whoMay((actor) => may(actor, action, ours))).toEqual(allowed);
    expect(whoMay((actor) => may(actor, action, another))).toEqual([]);
  });
});
