import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { ImportError } from './import-error.js';
import { zipEntries, type ZipEntry } from './zip.js';

/** How much a workbook may hold; a roster of 200,000 rows takes a third of it. */
export interface WorkbookLimits {
  /** Bytes of all parts, unpacked. */
  readonly bytes: number;
  /** Bytes of a part that is kept in memory: shared texts, styles. */
  readonly keptBytes: number;
  /** Rows and cells of a sheet, blank ones too. */
  readonly rows: number;
  readonly cells: number;
}

export const WORKBOOK_LIMITS: WorkbookLimits = {
  bytes: 400 * 1024 * 1024,
  keptBytes: 100 * 1024 * 1024,
  rows: 1_048_576,
  cells: 10_000_000,
};

const SHEET = /^xl\/worksheets\/[^/]+\.xml$/;
const FORBIDDEN = ['<!DOCTYPE', '<!ENTITY'].map((text) => Buffer.from(text));
const ROW = [Buffer.from('<row ')];
const CELL = ['<c ', '<c>', '<c/'].map((text) => Buffer.from(text));

/**
 * Unpacks a workbook once, a piece at a time and keeping none, before anything that keeps it does.
 * Throws an {@link ImportError} for one that is broken, larger than it may be, or declares
 * entities.
 */
export const checkWorkbook = async (
  bytes: Buffer,
  limits: WorkbookLimits = WORKBOOK_LIMITS,
): Promise<void> => {
  const entries = zipEntries(bytes);
  if (!entries) {
    throw new ImportError(
      '.xlsx 文件不完整，请重新保存或重新下载。',
      'the .xlsx file is incomplete: save or download it again',
    );
  }
  if (!entries.some(({ name }) => name === 'xl/workbook.xml')) {
    throw new ImportError(
      '这个压缩包不是 Excel 工作簿，请在 Excel 中另存为 .xlsx。',
      'this zip is no Excel workbook: save it as .xlsx in Excel',
    );
  }
  if (entries.reduce((total, { unpacked }) => total + unpacked, 0) > limits.bytes) throw tooLarge();
  let left = limits.bytes;
  for (const entry of entries) {
    const kept = SHEET.test(entry.name) ? limits.bytes : limits.keptBytes;
    left -= await checkPart(entry, Math.min(left, kept), limits);
  }
};

/** Unpacks one part; gives its size. */
const checkPart = async (
  entry: ZipEntry,
  mostBytes: number,
  { rows, cells }: WorkbookLimits,
): Promise<number> => {
  const isXml = /\.(xml|rels|vml)$/i.test(entry.name);
  const forbidden = new Counter(FORBIDDEN);
  const rowsSeen = new Counter(ROW);
  const cellsSeen = new Counter(CELL);
  let size = 0;
  try {
    for await (const chunk of unpacked(entry)) {
      size += chunk.length;
      if (size > mostBytes) throw tooLarge();
      if (isXml && forbidden.add(chunk) > 0) throw declaresEntities();
      if (!SHEET.test(entry.name)) continue;
      if (rowsSeen.add(chunk) > rows || cellsSeen.add(chunk) > cells) throw tooLarge();
    }
  } catch (error) {
    throw error instanceof ImportError ? error : unreadable();
  }
  return size;
};

const unpacked = ({ method, packed }: ZipEntry): AsyncIterable<Buffer> => {
  if (method === 0) return Readable.from([packed]);
  if (method === 8) return Readable.from([packed]).pipe(createInflateRaw());
  throw unreadable();
};

/** Counts texts in a stream, also where one lies across two pieces of it. */
class Counter {
  #count = 0;
  #rest = Buffer.alloc(0);

  constructor(private readonly wanted: readonly Buffer[]) {}

  add(chunk: Buffer): number {
    for (const text of this.wanted) {
      const joined = Buffer.concat([this.#rest.subarray(-(text.length - 1)), chunk]);
      for (let at = joined.indexOf(text); at >= 0; at = joined.indexOf(text, at + text.length)) {
        this.#count += 1;
      }
    }
    this.#rest = Buffer.concat([this.#rest, chunk]).subarray(-16);
    return this.#count;
  }
}

const tooLarge = (): ImportError =>
  new ImportError(
    '文件解压后过大（数据、行数或单元格过多），请只保留教师名册，拆分后分别导入。',
    'the file unpacks to more than a roster holds (bytes, rows or cells): keep the roster alone, ' +
      'or split it and import the parts',
  );

const declaresEntities = (): ImportError =>
  new ImportError(
    '文件含有 DTD 或实体声明，拒绝读取。请用 Excel 或 WPS 另存后再导入。',
    'the file declares a DTD or entities: refused. Save it again in Excel or WPS',
  );

/** What is told of a workbook whose parts are no good. */
export const unreadable = (): ImportError =>
  new ImportError(
    '无法读取该 .xlsx 文件，请用 Excel 或 WPS 打开后另存再试。',
    'the .xlsx file cannot be read: open it in Excel or WPS and save it again',
  );
