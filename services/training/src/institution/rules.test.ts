import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '@yanxiu/subgraph/calendar';
import { institutionAccredited } from './rules.js';

const institution = { code: 'INST-1', name: 'Normal university' };
const accreditation = {
  sectors: ['BASIC'],
  categories: ['SUBJECT'],
  validFrom: '2025-01-01',
  validTo: '2025-12-31',
};
const suspension = { from: '2025-06-01', reinstatedOn: '2025-07-01' as string | null };

describe('INST-ACCREDITED', () => {
  it.each([
    ['BASIC', 'SUBJECT', '2025-01-01', true],
    ['BASIC', 'SUBJECT', '2025-12-31', true],
    ['BASIC', 'SUBJECT', '2024-12-31', false],
    ['BASIC', 'SUBJECT', '2026-01-01', false],
    ['HIGHER', 'SUBJECT', '2025-03-01', false],
    ['BASIC', 'LEADERSHIP', '2025-03-01', false],
    ['BASIC', 'SUBJECT', '2025-05-31', true],
    ['BASIC', 'SUBJECT', '2025-06-01', false],
    ['BASIC', 'SUBJECT', '2025-06-30', false],
    ['BASIC', 'SUBJECT', '2025-07-01', true],
  ])('%s, %s on %s: %s', (sector, category, day, accepted) => {
    const standing = { institution, accreditations: [accreditation], suspensions: [suspension] };
    expect(institutionAccredited(standing, sector, category, day).accepted).toBe(accepted);
  });

  it('never holds on a day of an open suspension, whatever the accreditations', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.nat(400), (begin, day) => {
        const from = addDays('2025-01-01', begin);
        const standing = {
          institution,
          accreditations: [{ ...accreditation, validTo: '2030-12-31' }],
          suspensions: [{ from, reinstatedOn: null }],
        };
        const on = addDays('2025-01-01', day);
        return institutionAccredited(standing, 'BASIC', 'SUBJECT', on).accepted === on < from;
      }),
    );
  });
});
