import { describe, expect, it } from '@jest/globals';
import { addDays, endOfDay, isDate, localDate, localYear, startOfDay } from './calendar.js';

describe('calendar in Asia/Shanghai', () => {
  it.each([
    ['2025-12-31T15:59:59.999Z', '2025-12-31', 2025],
    ['2025-12-31T16:00:00.000Z', '2026-01-01', 2026],
  ])('%s is on %s', (instant, date, year) => {
    expect(localDate(new Date(instant))).toBe(date);
    expect(localYear(new Date(instant))).toBe(year);
  });

  it('begins a day at midnight there', () => {
    expect(startOfDay('2026-01-01').toISOString()).toBe('2025-12-31T16:00:00.000Z');
  });

  it.each([
    ['2025-12-31T15:59:59.999Z', '2025-12-31T16:00:00.000Z'],
    ['2025-12-31T16:00:00.000Z', '2026-01-01T16:00:00.000Z'],
    ['1969-12-31T12:00:00.000Z', '1969-12-31T16:00:00.000Z'],
  ])('the day of %s ends at %s', (instant, end) => {
    expect(new Date(endOfDay(Date.parse(instant))).toISOString()).toBe(end);
  });

  it.each([
    ['2024-02-29', true],
    ['2025-02-29', false],
    ['2025-13-01', false],
    ['2025-1-1', false],
  ])('%s is a date: %s', (text, real) => expect(isDate(text)).toBe(real));

  it('adds days over a leap day', () => expect(addDays('2024-02-28', 2)).toBe('2024-03-01'));
});
