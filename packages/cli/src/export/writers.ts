import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import ExcelJS from 'exceljs';
import { harmless } from '../import/text.js';
import type { Table } from './tables.js';

/** Takes the rows of a table one by one and holds none of them. */
export interface Writer {
  write(row: readonly (string | null)[]): Promise<void>;
  /** Resolves when everything is in the file. */
  end(): Promise<void>;
  /** Gives up; resolves when the file is let go. */
  destroy(): Promise<void>;
}

const textOf = (value: string | null): string => harmless(value ?? '').trim();

const open = (file: string): WriteStream => createWriteStream(file, { mode: 0o600 });

/** What is on its way into the file still arrives there; who gives up removes it. */
const closed = async (stream: WriteStream): Promise<void> => {
  stream.end();
  await finished(stream);
};

/** A CSV in UTF-8 with its mark, so that Excel reads it, and in which no cell is a formula. */
export const csvWriter = (file: string, { headings }: Table): Writer => {
  const target = open(file);
  const csv = stringify({ bom: true, escape_formulas: true });
  csv.pipe(target);
  csv.write([...headings]);
  return {
    async write(row) {
      if (!csv.write(row.map(textOf))) await once(csv, 'drain');
    },
    async end() {
      csv.end();
      await finished(target);
    },
    async destroy() {
      csv.unpipe(target);
      await closed(target);
    },
  };
};

/** A workbook of one sheet whose cells are all texts, as their format says too. */
export const xlsxWriter = (file: string, { title, headings }: Table): Writer => {
  const target = open(file);
  // The workbook goes on for a moment when it is given up, so it writes into something that lasts.
  const stream = new PassThrough();
  stream.pipe(target);
  const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({ stream, useStyles: true });
  const sheet = workbook.addWorksheet(title, { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = headings.map((header) => ({
    header,
    width: 16,
    style: { numFmt: '@' },
  }));
  return {
    async write(row) {
      sheet.addRow(row.map(textOf)).commit();
      if (stream.writableNeedDrain) await once(stream, 'drain');
    },
    async end() {
      await workbook.commit();
      await finished(target);
    },
    async destroy() {
      stream.unpipe(target);
      stream.resume();
      await closed(target);
    },
  };
};
