import { expect, it } from '@jest/globals';
import { at, whoMay } from '@yanxiu/testkit/acting';
import { may, mayPlant } from './rules.js';

it.each(['register', 'move'] as const)('who may %s a unit', (action) => {
  const under = (governed: boolean) =>
    whoMay((actor) => may(actor, action, { code: '140403', governed }));
  expect(under(true)).toEqual(at('OFFICER', 'PROVINCE', 'CITY', 'COUNTY'));
  expect(under(false)).toEqual([]);
});

it('the officer of the root plants the tree, once', () => {
  const plants = (first: boolean) => whoMay((actor) => mayPlant(actor, { code: '140000', first }));
  expect(plants(true)).toEqual(at('OFFICER', 'PROVINCE'));
  expect(plants(false)).toEqual([]);
});
