import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { ImportError } from './import-error.js';
import type { Line } from './roster.js';

const CHUNK = 256 * 1024;
const MAX_RECORD = 64 * 1024;

/** The records of a CSV file in UTF-8 or GB18030 as the rows of one sheet. */
export async function* csvLines(bytes: Buffer, sheet: string): AsyncGenerator<Line> {
  const encoding = encodingOf(bytes);
  const parser = Readable.from(decoded(bytes, encoding)).pipe(
    parse({
      delimiter: delimiterOf(bytes, encoding),
      relax_column_count: true,
      relax_quotes: true,
      // A blank line is a row of the sheet: without it the numbers would be those of no row.
      skip_empty_lines: false,
      max_record_size: MAX_RECORD,
    }),
  );
  let row = 0;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      row += 1;
      yield { sheet, hidden: false, row, cells: record.map(unwrapped) };
    }
  } catch (error) {
    // The parser's own message quotes the record, and that is personal data.
    if (!(error instanceof CsvError)) throw error;
    const at = 1 + Number(error['records'] ?? row);
    throw new ImportError(
      `CSV 第 ${at} 行无法读取（引号不配对或一行过长）。`,
      `row ${at} of the CSV cannot be read (a quote without its pair, or an endless row)`,
    );
  }
}

type Encoding = 'utf-8' | 'gb18030';

const encodingOf = (bytes: Buffer): Encoding => {
  const wide = bytes[0] === 0xff || bytes[0] === 0xfe;
  if (wide || bytes.includes(0)) throw unknownEncoding();
  for (const encoding of ['utf-8', 'gb18030'] as const) {
    try {
      const text = decoded(bytes, encoding);
      while (!text.next().done);
      return encoding;
    } catch {
      // Not this one.
    }
  }
  throw unknownEncoding();
};

const unknownEncoding = (): ImportError =>
  new ImportError(
    'CSV 的编码既不是 UTF-8 也不是 GB18030，请在 Excel 中另存为“CSV UTF-8”。',
    'the CSV is neither UTF-8 nor GB18030: save it as "CSV UTF-8" in Excel',
  );

/** Without the byte order mark. */
function* decoded(bytes: Buffer, encoding: Encoding): Generator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const text = decoder.decode(bytes.subarray(at, at + CHUNK), { stream: true });
    if (text) yield text;
  }
  const rest = decoder.decode();
  if (rest) yield rest;
}

/** The one of comma, tab and semicolon that the beginning has most of. */
const delimiterOf = (bytes: Buffer, encoding: Encoding): string => {
  const start = new TextDecoder(encoding).decode(bytes.subarray(0, 4096));
  const count = (delimiter: string) => start.split(delimiter).length;
  return ['\t', ';'].find((other) => count(other) > count(',')) ?? ',';
};

/** `="0123"`, by which some programs keep a number a text, is 0123. */
const unwrapped = (text: string): string => /^="(.*)"$/.exec(text)?.[1] ?? text;
