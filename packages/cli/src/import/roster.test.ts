import { describe, expect, it, jest } from '@jest/globals';
import fs from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { csvLines } from './csv.js';
import { HEADER, idNumber, teacher, workbook } from './fixtures/rosters.js';
import { MAX_ROWS, readRoster } from './roster.js';
import { TEACHERS } from './teacher-kind.js';
import { xlsxLines } from './xlsx.js';

const fromCsv = (text: string | Buffer) =>
  readRoster(TEACHERS, csvLines(Buffer.from(text), '名册.csv'));
const fromXlsx = async (...given: Parameters<typeof workbook>) =>
  readRoster(TEACHERS, xlsxLines(await workbook(...given)));

const CSV_HEADER = '姓名,身份证号,单位代码,学段,入职日期';
const TITLE = [['山西省某县教师花名册'], ['填表单位：', null, '教育局']];

describe('a roster in Excel', () => {
  it('gives every row of every sheet to a slow reader too, and writes none to a file', async () => {
    const toFile = jest.spyOn(fs, 'createWriteStream');
    const sheets = Object.fromEntries(
      Array.from({ length: 12 }, (_, n) => [`第${n}校`, [HEADER, teacher(n)]]),
    );
    const seen: string[] = [];
    for await (const { sheet, row } of xlsxLines(await workbook(sheets))) {
      seen.push(`${sheet} ${row}`);
      await setTimeout(2);
    }
    expect(seen).toEqual(Object.keys(sheets).flatMap((name) => [`${name} 1`, `${name} 2`]));
    expect(toFile).not.toHaveBeenCalled();
    toFile.mockRestore();
  });

  it('finds the header below title rows, in every sheet, and reads each row', async () => {
    const { rows, problems, notes } = await fromXlsx({
      填表说明: [['请按要求填写'], ['身份证号须为文本，如', idNumber(99)]],
      一小: [...TITLE, HEADER, teacher(1), teacher(2, { 7: '2021/9/1', 9: null })],
      二小: [HEADER, teacher(3), [], teacher(4, { 7: 44075 })],
    });
    expect(problems).toEqual([]);
    expect(rows.map(({ sheet, row }) => [sheet, row])).toEqual([
      ['一小', 4],
      ['一小', 5],
      ['二小', 2],
      ['二小', 4],
    ]);
    expect(rows[0]?.input).toEqual({
      ...{ rowNumber: 4, name: '王小明明', idNumber: idNumber(1), phone: '13800138000' },
      ...{ unitCode: '1401050001', stage: 'PRIMARY', subject: '语文', ladder: 'YOUNG' },
      ...{ hiredOn: '2020-09-01', title: '一级教师' },
    });
    expect(rows.map(({ input }) => input.hiredOn)).toEqual([
      ...['2020-09-01', '2021-09-01', '2020-09-01', '2020-09-01'],
    ]);
    expect(rows[1]?.input.ladder).toBeNull();
    expect(notes.map(({ zh }) => zh)).toEqual([
      '工作表“一小”中未使用的列：序号',
      '工作表“二小”中未使用的列：序号',
      '工作表“填表说明”没有表头，已跳过。',
    ]);
  });

  it('normalises ID numbers, codes that are numbers, rich text and formulas', async () => {
    const { rows, problems } = await fromXlsx({
      名册: [
        HEADER,
        teacher(1, { 2: '１４０１０５ 19900101 001x', 4: 1401050001 }),
        teacher(2, { 1: { richText: [{ text: '李' }, { text: '　四' }] } }),
        teacher(3, { 5: { formula: 'F2', result: '初中' }, 7: { formula: 'H2', result: 44075 } }),
      ],
    });
    expect(problems).toEqual([]);
    expect(rows[0]?.input).toMatchObject({ idNumber: idNumber(1), unitCode: '1401050001' });
    expect(rows[1]?.input.name).toBe('李四');
    expect(rows[2]?.input).toMatchObject({ stage: 'JUNIOR_SECONDARY', hiredOn: '2020-09-01' });
  });

  it.each([
    ['a missing value', { 1: null }, 'VALUE-MISSING', 'B 姓名*', ''],
    ['a date', { 7: '2020-02-30' }, 'HIRED-ON-DATE', 'H 参加工作时间', '2020-02-30'],
    ['a long name', { 1: '王小明'.repeat(40) }, 'VALUE-LENGTH', 'B 姓名*', '王*'],
    ['a stage', { 5: '大学' }, 'STAGE-UNKNOWN', 'F 学段', '大学'],
    ['a rung', { 9: '专家' }, 'LADDER-UNKNOWN', 'J 发展阶段', '专家'],
    ['an error', { 1: { error: '#N/A' as const } }, 'CELL-ERROR', 'B 姓名*', '#N/A'],
    ['a long text', { 8: '长'.repeat(101) }, 'VALUE-LENGTH', 'I 职称', `${'长'.repeat(100)}…`],
    ['an ID number in a wrong column', { 5: idNumber(7) }, 'STAGE-UNKNOWN', 'F 学段', undefined],
  ])('reports %s by sheet, row and column', async (_, change, rule, column, value) => {
    const { rows, problems, rejected } = await fromXlsx({
      名册: [HEADER, teacher(1, change), teacher(2)],
    });
    expect(rows).toHaveLength(1);
    expect(rejected).toBe(1);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ sheet: '名册', row: 2, rule });
    expect(problems[0]?.column.replace('（18位）', '')).toBe(column);
    if (value !== undefined) expect(problems[0]?.value).toBe(value);
    expect(problems[0]?.value).not.toContain(idNumber(7));
  });

  it('reports an ID number stored as a number, with the way to put it right', async () => {
    const { problems } = await fromXlsx({
      名册: [HEADER, teacher(1, { 2: 140105199001011234 }), teacher(2)],
    });
    expect(problems[0]).toMatchObject({ rule: 'ID-NUMBER-DIGITS-LOST', row: 2 });
    expect(problems[0]?.reason.zh).toContain('文本');
    expect(problems[0]?.reason.en).toContain('format the column as text');
    expect(problems[0]?.value).toMatch(/^140\*+\d\d$/);
  });

  it('reports the same ID number twice, with the place of the first', async () => {
    const { rows, problems } = await fromXlsx({
      一小: [HEADER, teacher(1)],
      二小: [HEADER, teacher(2), teacher(1)],
    });
    expect(rows).toHaveLength(2);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ sheet: '二小', row: 3, rule: 'ID-NUMBER-DUPLICATE' });
    expect(problems[0]?.reason.en).toContain('sheet "一小", row 2');
  });

  it('takes no hidden sheet, and says so', async () => {
    const { rows, notes } = await fromXlsx(
      { 名册: [HEADER, teacher(1)], 旧: [HEADER, teacher(2)] },
      ['旧'],
    );
    expect(rows).toHaveLength(1);
    expect(notes.map(({ en }) => en)).toContain('sheet "旧" is hidden: skipped');
  });

  it('refuses a sheet without a needed column, with two for one, or with no header', async () => {
    const without = HEADER.map((heading) => (heading === '学段' ? '年级' : heading));
    await expect(fromXlsx({ 名册: [without, teacher(1)] })).rejects.toThrow(/no column 学段/);
    await expect(fromXlsx({ 名册: [[...HEADER, '单位代码'], teacher(1)] })).rejects.toThrow(
      /学校代码 and 单位代码 mean the same/,
    );
    const rows = [1, 2, 3].map((n) => teacher(n));
    await expect(fromXlsx({ 好: [HEADER, teacher(9)], 名册: rows })).rejects.toThrow(
      /sheet "名册" has no header/,
    );
    const blank = Array.from({ length: 10 }, () => ['说明']);
    await expect(fromXlsx({ 名册: [...blank, HEADER, ...rows] })).rejects.toThrow(/no header/);
    await expect(fromXlsx({ 名册: [HEADER] })).rejects.toThrow(/holds no teachers/);
  });
});

describe('a roster in CSV', () => {
  const body = `张三,${idNumber(1)},1401050001,小学,2020/9/1\r\n`;

  it.each([
    ['UTF-8', Buffer.from(`${CSV_HEADER}\r\n${body}`)],
    ['UTF-8 with its mark', Buffer.from(`\ufeff${CSV_HEADER}\r\n${body}`)],
    // The same text as an office's Excel saves it in China.
    ['GB18030', gb18030(`${CSV_HEADER}\r\n${body}`)],
    ['tabs', Buffer.from(`${CSV_HEADER}\r\n${body}`.replaceAll(',', '\t'))],
  ])('reads %s', async (_, bytes) => {
    const { rows, problems } = await readRoster(TEACHERS, csvLines(bytes, '名册.csv'));
    expect(problems).toEqual([]);
    expect(rows.map(({ input }) => [input.name, input.stage, input.hiredOn])).toEqual([
      ['张三', 'PRIMARY', '2020-09-01'],
    ]);
  });

  it('reads GB18030 and UTF-8 whose characters cross the parts that are read', async () => {
    const remark = '汉'.repeat(2_000);
    const line = (n: number) => `张三,${idNumber(n)},1401050001,小学,2020/9/1,${remark}`;
    const long = Array.from({ length: 120 }, (_, n) => line(n));
    for (const lead of ['', '1', '12']) {
      const text = [`说明${lead}`, `${CSV_HEADER},备注`, ...long].join('\n');
      for (const bytes of [Buffer.from(text), gb18030(text)]) {
        const read = [];
        for await (const { cells } of csvLines(bytes, '名册.csv')) read.push(cells);
        expect(read).toHaveLength(122);
        expect(
          read.slice(2).every(([name, , , , , text]) => name === '张三' && text === remark),
        ).toBe(true);
      }
    }
  });

  it('counts rows as a spreadsheet does, with blank lines and quoted line breaks', async () => {
    const { problems } = await fromCsv(
      `花名册\n\n${CSV_HEADER},职称\n"张\n三",${idNumber(1)},1401050001,小学,2020/9/1,"一级,教师"\n` +
        `李四,${idNumber(2)},1401050001,大学,2020/9/1,\n`,
    );
    expect(problems.map(({ row, rule }) => [row, rule])).toEqual([[5, 'STAGE-UNKNOWN']]);
  });

  it('understands numbers kept as text, and tells those that lost digits', async () => {
    const { rows, problems } = await fromCsv(
      `${CSV_HEADER}\n张三,="${idNumber(1)}",'1401050001,小学,20200901\n` +
        `李四,1.40105E+17,1401050001,小学,20200901\n王五,${idNumber(2)}\t,1401050001,小学,20200901\n`,
    );
    expect(rows.map(({ input }) => input.idNumber)).toEqual([idNumber(1), idNumber(2)]);
    expect(rows[0]?.input.unitCode).toBe('1401050001');
    expect(problems.map(({ rule }) => rule)).toEqual(['ID-NUMBER-DIGITS-LOST']);
  });

  it('reads English headings', async () => {
    const { rows } = await fromCsv(
      `Name,ID_Number,Phone,School code,Stage,Hire date\nAnn Li,${idNumber(1)},,1401050001,primary,2020-09-01\n`,
    );
    expect(rows[0]?.input).toMatchObject({ name: 'Ann Li', stage: 'PRIMARY', phone: null });
  });

  it('refuses what is no text, and a quote without its pair, without quoting the row', async () => {
    await expect(fromCsv(Buffer.from('ff00fe80', 'hex'))).rejects.toThrow(/UTF-8 nor GB18030/);
    await expect(fromCsv(Buffer.from([0x81, 0xff, 0xff, 0x0a]))).rejects.toThrow(/nor GB18030/);
    const failed = fromCsv(`${CSV_HEADER}\n"张三,${idNumber(1)},1401050001,小学,2020/9/1\n`);
    await expect(failed).rejects.toThrow(/row 2 of the CSV cannot be read/);
    await expect(failed).rejects.not.toThrow(new RegExp(idNumber(1)));
  });

  it('stops at more rows than it takes, and counts no blank ones', async () => {
    const row = (n: number) => `张三,${idNumber(n)},1401050001,小学,20200901`;
    const lines = (text: string) => csvLines(Buffer.from(text), '名册.csv');
    const three = [CSV_HEADER, row(1), row(2), ',,,,', row(3)].join('\n');
    expect(MAX_ROWS).toBe(200_000);
    expect((await readRoster(TEACHERS, lines(three), undefined, 3)).rows).toHaveLength(3);
    const four = readRoster(TEACHERS, lines(`${three}\n${row(4)}`), undefined, 3);
    await expect(four).rejects.toThrow(/more than 3 rows/);
  });
});

/** GB18030 bytes; Node only decodes it, so the table is read backwards. */
function gb18030(text: string): Buffer {
  const decoder = new TextDecoder('gb18030');
  const bytesOf = new Map<string, Buffer>();
  for (let high = 0x81; high <= 0xfe; high += 1) {
    for (let low = 0x40; low <= 0xfe; low += 1) {
      const pair = Buffer.from([high, low]);
      bytesOf.set(decoder.decode(pair), pair);
    }
  }
  return Buffer.concat(
    [...text].map((c) => (c < '\x80' ? Buffer.from(c) : (bytesOf.get(c) ?? Buffer.from('?')))),
  );
}
