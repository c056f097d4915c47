import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HEADER, teacher, workbook } from './fixtures/rosters.js';
import { zip } from './fixtures/zips.js';
import { MAX_BYTES, readSource } from './source.js';

describe('the file of a roster', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-source-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const written = async (name: string, bytes: Buffer | string): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, bytes);
    return file;
  };

  it('is an Excel workbook or text, by what it holds', async () => {
    const bytes = await workbook({ 名册: [HEADER, teacher(1)] });
    const source = await readSource(await written('a.xlsx', bytes));
    expect(source).toMatchObject({ name: 'a.xlsx', kind: 'xlsx' });
    expect(source.hash).toMatch(/^[\da-f]{64}$/);
    expect((await readSource(await written('a.csv', 'x'))).kind).toBe('csv');
  });

  it.each([
    ['no zip', 'a.xlsx', Buffer.from('姓名,身份证号'), /no .xlsx file \(it is not a zip\)/],
    ['an old format', 'a.xls', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /old Excel file/],
    [
      'a password',
      'a.xlsx',
      Buffer.concat([
        Buffer.from('d0cf11e0a1b11ae1', 'hex'),
        Buffer.from('EncryptedPackage', 'utf16le'),
      ]),
      /password/,
    ],
    ['another format', 'a.pdf', Buffer.from('%PDF'), /cannot read .pdf/],
    ['nothing', 'a.csv', Buffer.alloc(0), /empty/],
  ])('is refused for %s', async (_, name, bytes, message) => {
    await expect(readSource(await written(name, bytes))).rejects.toThrow(message);
  });

  it('is refused when half of it is missing, or when it is another kind of zip', async () => {
    const bytes = await workbook({ 名册: [HEADER, teacher(1)] });
    const half = await written('half.xlsx', bytes.subarray(0, bytes.length / 2));
    await expect(readSource(half)).rejects.toThrow(/incomplete/);
    const other = zip({ 'xl/workbook.bin': 'x' });
    await expect(readSource(await written('b.xlsx', other))).rejects.toThrow(/no Excel workbook/);
  });

  it('is refused when it says that it unpacks to more than a roster holds', async () => {
    const bytes = await workbook({ 名册: [HEADER, teacher(1)] });
    const entry = bytes.indexOf(Buffer.from('504b0102', 'hex'));
    bytes.writeUInt32LE(0xf0000000, entry + 24);
    await expect(readSource(await written('a.xlsx', bytes))).rejects.toThrow(/unpacks to more/);
  });

  it('is refused above 50 MB and when it is not there', async () => {
    const file = await written('a.csv', 'x');
    await truncate(file, MAX_BYTES + 1);
    await expect(readSource(file)).rejects.toThrow(/larger than 50 MB/);
    await expect(readSource(path.join(folder, 'none.csv'))).rejects.toThrow(/no file/);
    await expect(readSource(folder)).rejects.toThrow(/no file/);
  });
});
