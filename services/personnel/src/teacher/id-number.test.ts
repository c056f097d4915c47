import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { birthDateOf, checkCharacter, idNumberFault, normalIdNumber } from './id-number.js';

const TODAY = '2025-06-30';

const validNumber = fc
  .tuple(
    fc.integer({ min: 100_000, max: 999_999 }),
    fc.date({
      min: new Date('1930-01-01T00:00:00Z'),
      max: new Date('2009-06-30T00:00:00Z'),
      noInvalidDate: true,
    }),
    fc.integer({ min: 0, max: 999 }),
  )
  .map(([region, birth, serial]) => {
    const date = birth.toISOString().slice(0, 10).replaceAll('-', '');
    const first17 = `${region}${date}${String(serial).padStart(3, '0')}`;
    return first17 + checkCharacter(first17);
  });

describe('ID numbers by GB 11643-1999', () => {
  it('accepts the example of the standard', () => {
    expect(checkCharacter('11010519491231002')).toBe('X');
    expect(idNumberFault('11010519491231002X', TODAY)).toBeNull();
    expect(idNumberFault(normalIdNumber(' 11010519491231002x '), TODAY)).toBeNull();
  });

  it('accepts every number with its own check character', () => {
    fc.assert(fc.property(validNumber, (number) => idNumberFault(number, TODAY) === null));
  });

  it('refuses every change of a single digit', () => {
    fc.assert(
      fc.property(
        validNumber,
        fc.integer({ min: 0, max: 16 }),
        fc.integer({ min: 1, max: 9 }),
        (number, at, by) => {
          const digit = (Number(number[at]) + by) % 10;
          const changed = `${number.slice(0, at)}${digit}${number.slice(at + 1)}`;
          return idNumberFault(changed, TODAY) === 'CHECK-DIGIT';
        },
      ),
    );
  });

  it('refuses every exchange of two unequal neighbours', () => {
    fc.assert(
      fc.property(validNumber, fc.integer({ min: 0, max: 15 }), (number, at) => {
        const [a = '', b = ''] = [number[at], number[at + 1]];
        const changed = `${number.slice(0, at)}${b}${a}${number.slice(at + 2)}`;
        return a === b || idNumberFault(changed, TODAY) !== null;
      }),
    );
  });

  it.each([
    ['too short', '1101051949123100', 'FORMAT'],
    ['a letter inside', '1101051949A231002X', 'FORMAT'],
    ['15 digits of the old kind', '110105491231002', 'FORMAT'],
    ['empty', '', 'FORMAT'],
  ])('refuses one that is %s', (_, number, fault) => {
    expect(idNumberFault(number, TODAY)).toBe(fault);
  });

  it.each([
    ['19900231', 'no such day'],
    ['20100101', 'younger than 16'],
    ['19200101', 'older than 100'],
  ])('refuses the birth date %s (%s)', (birth) => {
    const first17 = `999999${birth}001`;
    expect(idNumberFault(first17 + checkCharacter(first17), TODAY)).toBe('BIRTH-DATE');
  });

  it('reads the birth date', () => {
    expect(birthDateOf('11010519491231002X')).toBe('1949-12-31');
  });
});
