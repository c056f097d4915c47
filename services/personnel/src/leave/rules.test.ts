import { expect, it } from '@jest/globals';
import { at, whoMay } from '@yanxiu/testkit/acting';
import { may } from './rules.js';

const ours = { code: '1404030001', governed: true };
const another = { code: '1402020001', governed: false };

it.each([
  ['record', [...at('OFFICER'), ...at('COORDINATOR')]],
  ['end', [...at('OFFICER'), ...at('COORDINATOR')]],
  ['withdraw', at('OFFICER')],
] as const)('who may %s a leave', (action, allowed) => {
  expect(whoMay((actor) => may(actor, action, ours))).toEqual(allowed);
  expect(whoMay((actor) => may(actor, action, another))).toEqual([]);
});
