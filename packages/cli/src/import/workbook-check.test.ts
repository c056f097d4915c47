import { describe, expect, it } from '@jest/globals';
import { HEADER, teacher, workbook } from './fixtures/rosters.js';
import { zip } from './fixtures/zips.js';
import { checkWorkbook, WORKBOOK_LIMITS } from './workbook-check.js';

const MB = 1024 * 1024;
const SHEET = 'xl/worksheets/sheet1.xml';
const sheet = (rows: string, head = ''): Record<string, string> => ({
  'xl/workbook.xml': '<workbook/>',
  [SHEET]: `<?xml version="1.0"?>${head}<worksheet><sheetData>${rows}</sheetData></worksheet>`,
});
const check = (bytes: Buffer, change: Partial<typeof WORKBOOK_LIMITS> = {}) =>
  checkWorkbook(bytes, { ...WORKBOOK_LIMITS, ...change });

describe('a workbook before it is read', () => {
  it('may be what Excel and its like write', async () => {
    await expect(check(await workbook({ 名册: [HEADER, teacher(1)] }))).resolves.toBeUndefined();
    await expect(check(zip(sheet('<row r="1"><c/></row>')))).resolves.toBeUndefined();
  });

  it('is refused for what it says it unpacks to, and for what it does', async () => {
    const large = { ...sheet(''), 'xl/media/a.bin': Buffer.alloc(20 * MB) };
    await expect(check(zip(large), { bytes: 10 * MB })).rejects.toThrow(/unpacks to more/);
    // Though every entry says that it holds nothing.
    const lying = zip(large, { saidSize: 0 });
    expect(lying.length).toBeLessThan(MB);
    await expect(check(lying, { bytes: 10 * MB })).rejects.toThrow(/unpacks to more/);
    await expect(check(lying, { bytes: 30 * MB })).resolves.toBeUndefined();
  });

  it('is refused for a part that would be kept in memory', async () => {
    const shared = { ...sheet(''), 'xl/sharedStrings.xml': `<sst>${' '.repeat(5 * MB)}</sst>` };
    await expect(check(zip(shared), { keptBytes: 4 * MB })).rejects.toThrow(/unpacks to more/);
    await expect(check(zip(shared), { keptBytes: 6 * MB })).resolves.toBeUndefined();
  });

  it.each([
    ['rows', '<row r="1"/>'.repeat(11), '<row r="1"/>'.repeat(10)],
    ['cells', '<c r="A1"/>'.repeat(11), '<c r="A1"/>'.repeat(10)],
  ])('is refused for too many %s', async (what, more, enough) => {
    await expect(check(zip(sheet(more)), { [what]: 10 })).rejects.toThrow(/unpacks to more/);
    await expect(check(zip(sheet(enough)), { [what]: 10 })).resolves.toBeUndefined();
  });

  it('counts a row that lies across two pieces', async () => {
    // Pieces of an inflated stream end anywhere.
    const row = `<row r="1">${'x'.repeat(50)}</row>`;
    const many = zip(sheet(row.repeat(10_000)));
    await expect(check(many, { rows: 9_999 })).rejects.toThrow(/unpacks to more/);
    await expect(check(many, { rows: 10_000 })).resolves.toBeUndefined();
  });

  it.each([
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
  ])('is refused for entities: %s', async (head) => {
    const bytes = zip(sheet('<row r="1"><c t="str"><v>&e;</v></c></row>', head));
    await expect(check(bytes)).rejects.toThrow(/declares a DTD or entities/);
  });

  it('is refused when there are entries that its directory does not list', async () => {
    const hidden = zip(sheet(''), { unlisted: { 'xl/worksheets/sheet2.xml': 'x' } });
    await expect(check(hidden)).rejects.toThrow(/incomplete/);
    const twice = Buffer.concat([Buffer.from('PK\x03\x04'), zip(sheet(''))]);
    await expect(check(twice)).rejects.toThrow(/incomplete/);
  });

  it('is refused when a part is not packed as it says', async () => {
    const bytes = zip(sheet(''));
    bytes.fill(0xff, 50, 60);
    await expect(check(bytes)).rejects.toThrow(/cannot be read|incomplete/);
  });
});
