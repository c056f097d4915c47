import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { letterOf } from './columns.js';
import { calendarDate } from './dates.js';
import { hideNumbers, maskName, maskNumber } from './mask.js';
import { ladderOf, stageOf } from './terms.js';
import { compact, hasLostDigits, personName } from './text.js';

describe('cells of a roster', () => {
  it.each([
    ['2020/9/1', '2020-09-01'],
    ['2020-09-01', '2020-09-01'],
    ['2020.9.1', '2020-09-01'],
    ['2020年9月1日', '2020-09-01'],
    ['２０２０年９月１日', '2020-09-01'],
    ['20200901', '2020-09-01'],
    [20200901, '2020-09-01'],
    ['2020-09-01 00:00:00', '2020-09-01'],
    [44075, '2020-09-01'],
    ['44075', '2020-09-01'],
    [new Date('2020-09-01T00:00:00Z'), '2020-09-01'],
    ['2020-02-29', '2020-02-29'],
    ['2021-02-29', null],
    ['2020-13-01', null],
    ['2020-9/1', null],
    ['9/1/2020', null],
    ['20/9/1', null],
    ['2020', null],
    ['2020年9月', null],
    [2020, null],
    [99999, null],
    [new Date(NaN), null],
    ['', null],
    [null, null],
  ])('reads the date %p as %p', (cell, date) => {
    expect(calendarDate(cell)).toBe(date);
  });

  it('reads every real date in each of its forms', () => {
    const range = { min: new Date('1950-01-01'), max: new Date('2049-12-31'), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(range), (date) => {
        const iso = date.toISOString().slice(0, 10);
        const [y = 0, m = 0, d = 0] = iso.split('-').map(Number);
        const forms = [iso, `${y}/${m}/${d}`, `${y}年${m}月${d}日`, iso.replaceAll('-', '')];
        for (const form of forms) expect(calendarDate(form)).toBe(iso);
      }),
    );
  });

  it('normalises numbers and names', () => {
    expect(compact(' 1401０5 1990\u3000０１０１ 001ｘ\u200b')).toBe('14010519900101001x');
    expect(compact("'0123")).toBe('0123');
    expect(personName('张　 三')).toBe('张三');
    expect(personName('John  Smith')).toBe('John Smith');
    expect(personName('买买提·艾力')).toBe('买买提·艾力');
  });

  it('knows numbers that have lost digits', () => {
    expect(hasLostDigits(140105199001011230)).toBe(true);
    expect(hasLostDigits('1.40105E+17')).toBe(true);
    expect(hasLostDigits('140105199001011234')).toBe(false);
    expect(hasLostDigits(13800138000)).toBe(false);
  });

  it.each([
    ['幼儿园', 'KINDERGARTEN'],
    ['小学', 'PRIMARY'],
    [' 初 中 ', 'JUNIOR_SECONDARY'],
    ['高中', 'SENIOR_SECONDARY'],
    ['特殊教育', 'SPECIAL'],
    ['中职', 'SECONDARY_VOCATIONAL'],
    ['高校', 'HIGHER'],
    ['primary', 'PRIMARY'],
    ['小学部', null],
    ['constructor', null],
  ])('reads the stage %p as %p', (text, stage) => {
    expect(stageOf(text)).toBe(stage);
  });

  it.each([
    ['新任', 'NEW'],
    ['青年教师', 'YOUNG'],
    ['骨干', 'BACKBONE'],
    ['名师', 'MASTER'],
    ['专家', null],
  ])('reads the rung %p as %p', (text, ladder) => {
    expect(ladderOf(text)).toBe(ladder);
  });

  it('names columns as a spreadsheet does', () => {
    expect([0, 25, 26, 701, 702].map(letterOf)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA']);
  });
});

describe('masks', () => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 17, maxLength: 17 });

  it('never show a number in full, in whatever column it stands', () => {
    fc.assert(
      fc.property(digits, fc.string({ maxLength: 5 }), (drawn, around) => {
        const number = `${drawn.join('')}X`;
        for (const mask of [maskNumber, hideNumbers]) {
          const shown = mask(number);
          expect(shown).not.toContain(number);
          expect(shown.match(/[\dX]/g)?.length ?? 0).toBeLessThanOrEqual(5);
        }
        expect(hideNumbers(`${around}${number}${around}`)).not.toContain(number);
      }),
    );
  });

  it('see through blanks, hyphens and full-width digits, and leave codes and dates', () => {
    expect(hideNumbers('140105 19900101 001X')).not.toMatch(/19900101/);
    expect(hideNumbers('138-0013-8000')).toBe('138********00');
    expect(hideNumbers('１３８００１３８０００')).toBe('138******00');
    expect(hideNumbers('1401050001')).toBe('1401050001');
    expect(hideNumbers('2020-09-31')).toBe('2020-09-31');
  });

  it('hide a name, also one in the column of numbers', () => {
    expect(maskName('王小明')).toBe('王*');
    expect(maskNumber('王小明')).toBe('王*');
    expect(maskName('')).toBe('');
  });
});
