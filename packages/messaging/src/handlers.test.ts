import { describe, expect, it } from '@jest/globals';
import { isTransient } from './handlers.js';

const fault = (code: string, routine?: string) =>
  Object.assign(new Error('failed'), { driverError: { code, routine } });

describe('a fault that passes by itself', () => {
  it.each([
    ['a deadlock', '40P01'],
    ['a statement that waited too long', '57014'],
    ['a transaction that idled too long', '25P03'],
    ['a database that went read-only to hand over', '25006'],
    ['a name that cannot be resolved now', 'EAI_AGAIN'],
    ['a name that is not known now', 'ENOTFOUND'],
    ['a kept plan that the server has dropped', '26000'],
    ['a kept plan from before a migration', '0A000', 'RevalidateCachedQuery'],
  ])('is %s (%s)', (...[, code, routine]) => expect(isTransient(fault(code, routine))).toBe(true));

  it.each([
    ['a row that breaks a constraint', '23514'],
    ['a column that is not there', '42703'],
    ['a feature that the server does not have', '0A000'],
  ])('is not %s (%s)', (_what, code) => expect(isTransient(fault(code))).toBe(false));
});
