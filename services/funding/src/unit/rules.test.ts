import { expect, it } from '@jest/globals';
import { at, whoMay } from '@yanxiu/testkit/acting';
import { may as mayBase } from '../base/rules.js';
import { may as mayBudget } from '../budget/rules.js';
import { may as mayPayment } from '../payment/rules.js';

// Of the unit itself: neither one above it nor one below.
const county = { unitCode: '140403' };

it('the officer and the finance officer of a unit declare what it has', () => {
  const declares = whoMay((actor) => mayBase(actor, 'declare', county));
  expect(declares).toEqual([...at('OFFICER', 'COUNTY'), ...at('FINANCE', 'COUNTY')]);
});

it.each(['approve', 'adjust'] as const)('its finance officer may %s a budget', (action) => {
  expect(whoMay((actor) => mayBudget(actor, action, county))).toEqual(at('FINANCE', 'COUNTY'));
});

it.each(['record', 'reverse'] as const)('its finance officer may %s a payment', (action) => {
  expect(whoMay((actor) => mayPayment(actor, action, county))).toEqual(at('FINANCE', 'COUNTY'));
});
