import { describe, expect, it } from '@jest/globals';
import { mayComplete, registrarOf } from './rules.js';

describe('mayComplete', () => {
  const recordedAt = new Date('2025-04-10T00:00:00Z');
  it.each([
    ['no session', [], false],
    ['a session without attendance', [{ recordedAt }, { recordedAt: null }], false],
    ['attendance of each session', [{ recordedAt }, { recordedAt }], true],
  ])('a class with %s', (_, sessions, may) => {
    expect(mayComplete(sessions).accepted).toBe(may);
  });
});

describe('registrarOf', () => {
  it.each([
    ['BASIC', '140400', '140400'],
    ['VOCATIONAL', '140400', '140400'],
    ['HIGHER', '140400', 'UNIT'],
    ['BASIC', null, 'UNIT'],
  ])('of %s in city %s is %s', (sector, cityCode, registrar) => {
    expect(registrarOf(sector, { unitCode: 'UNIT', cityCode })).toBe(registrar);
  });
});
