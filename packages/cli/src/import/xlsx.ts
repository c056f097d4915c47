import { Readable } from 'node:stream';
import ExcelJS from 'exceljs';
import { ImportError } from './import-error.js';
import type { Line } from './roster.js';
import type { Cell } from './text.js';
import { unreadable } from './workbook-check.js';
import { zipEntries, zipPieces, type ZipEntry } from './zip.js';

/** No roster is wider; what stands further right is not looked at. */
const MAX_COLUMNS = 200;

/** The rows of every sheet, one at a time. */
export async function* xlsxLines(bytes: Buffer): AsyncGenerator<Line> {
  const entries = zipEntries(bytes);
  if (!entries) throw unreadable();
  const pieces = Readable.from(zipPieces(inReadingOrder(entries)));
  const workbook = new ExcelJS.stream.xlsx.WorkbookReader(pieces, {
    worksheets: 'emit',
    sharedStrings: 'cache',
    styles: 'cache',
    hyperlinks: 'ignore',
  });
  try {
    for await (const sheet of workbook) {
      const { name, hidden } = describe(workbook, sheet);
      for await (const row of sheet) {
        yield { sheet: name, hidden, row: row.number, cells: cellsOf(row) };
      }
    }
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw unreadable();
  }
}

const PARTS = ['xl/_rels/workbook.xml.rels', 'xl/workbook.xml', 'xl/styles.xml'];
const TEXTS = 'xl/sharedStrings.xml';
const SHEET = /^xl\/worksheets\/sheet\d+\.xml$/;
/** More than the streams between the zip and who reads it hold together. */
const LAST_BYTES = 1024 * 1024;

/**
 * The parts that are read, each before those that need it: a sheet that comes before the texts is
 * otherwise put into a file, names and ID numbers too. The reader also forgets the parts that it
 * has not come to when the zip's end has been seen (exceljs/exceljs#3064); a last part, too large
 * to be taken in unread, keeps that end from it until it has come to every other.
 */
const inReadingOrder = (entries: readonly ZipEntry[]): ZipEntry[] => {
  const texts = entries.filter(({ name }) => name === TEXTS);
  return [
    ...PARTS.flatMap((part) => entries.filter(({ name }) => name === part)),
    ...(texts.length > 0 ? texts : [stored(TEXTS, Buffer.from('<sst/>'))]),
    ...entries.filter(({ name }) => SHEET.test(name)),
    stored('last', Buffer.alloc(LAST_BYTES)),
  ];
};

const stored = (name: string, packed: Buffer): ZipEntry => {
  return { name, method: 0, packed, unpacked: packed.length };
};

const cellsOf = (row: ExcelJS.Row): Cell[] => {
  const cells: Cell[] = [];
  row.eachCell((cell, column) => {
    if (column <= MAX_COLUMNS) cells[column - 1] = cellOf(cell.value);
  });
  return Array.from(cells, (cell) => cell ?? null);
};

const cellOf = (value: ExcelJS.CellValue | undefined): Cell => {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return String(value).toUpperCase();
  if (typeof value !== 'object' || value instanceof Date) return value;
  if ('richText' in value) return value.richText.map(({ text }) => text).join('');
  if ('error' in value) return value.error;
  if ('text' in value) return value.text;
  return 'result' in value ? cellOf(value.result) : null;
};

interface SheetEntry {
  rId: string;
  name: string;
  state?: string;
}

/**
 * Name and visibility of a sheet. The reader finds them by a relative path in the workbook's
 * relations, but other programs than Excel write the absolute one.
 */
const describe = (workbook: object, sheet: object): { name: string; hidden: boolean } => {
  const id = String(Reflect.get(sheet, 'id'));
  const relations = arrayOf<{ Id: string; Target: string }>(workbook, 'workbookRels');
  const relation = relations.find(({ Target }) => Target === `/xl/worksheets/sheet${id}.xml`);
  const model: unknown = Reflect.get(workbook, 'model');
  const entries = typeof model === 'object' && model ? arrayOf<SheetEntry>(model, 'sheets') : [];
  const entry = relation && entries.find(({ rId }) => rId === relation.Id);
  const state = entry ? entry.state : Reflect.get(sheet, 'state');
  return {
    name: entry?.name ?? String(Reflect.get(sheet, 'name')),
    hidden: state === 'hidden' || state === 'veryHidden',
  };
};

const arrayOf = <T>(holder: object, key: string): T[] => {
  const value: unknown = Reflect.get(holder, key);
  return Array.isArray(value) ? value : [];
};
