import { checkRow, problemAt, type FileRow, type Problem, type TeacherRow } from './check-row.js';
import { headerOf, HEADINGS, REQUIRED, type Header } from './columns.js';
import { ImportError } from './import-error.js';
import { compact, plain, type Cell, type Text } from './text.js';

export const MAX_ROWS = 200_000;
/** A header stands within these rows. */
const HEADER_ROWS = 10;
/** A note may quote an ID number; so many rows with one are a roster. */
const ID_NUMBER_ROWS = 3;

/** A row of a sheet as the file has it. */
export interface Line {
  sheet: string;
  hidden: boolean;
  row: number;
  cells: Cell[];
}

/** A row that may be sent. */
export interface RosterRow extends FileRow {
  input: TeacherRow;
}

/** A whole file, checked. */
export interface Roster {
  rows: RosterRow[];
  problems: Problem[];
  /** The sheets in the order of the file. */
  sheets: string[];
  /** How many rows the problems concern. */
  rejected: number;
  /** What a person should know that is no fault of a row. */
  notes: Text[];
}

/** Reads all sheets; throws when one has no such columns as a roster needs. */
export const readRoster = async (
  lines: AsyncIterable<Line>,
  onRow: (count: number) => void = () => undefined,
  maxRows = MAX_ROWS,
): Promise<Roster> => {
  const reader = new RosterReader(maxRows);
  for await (const line of lines) {
    reader.take(line);
    onRow(reader.count);
  }
  return reader.finish();
};

interface Sheet {
  header: Header | null;
  hidden: boolean;
  idNumberRows: number;
}

class RosterReader {
  readonly #sheets = new Map<string, Sheet>();
  readonly #firstOf = new Map<string, FileRow>();
  readonly #roster: Roster = { rows: [], problems: [], sheets: [], rejected: 0, notes: [] };
  readonly #wrong: Text[] = [];

  constructor(private readonly maxRows: number) {}

  get count(): number {
    return this.#roster.rows.length + this.#roster.rejected;
  }

  take({ sheet: name, hidden, row, cells }: Line): void {
    const sheet = this.#sheets.get(name) ?? { header: null, hidden, idNumberRows: 0 };
    this.#sheets.set(name, sheet);
    if (sheet.hidden) return;
    if (sheet.header) {
      this.#data({ sheet: name, row, columns: sheet.header.columns, cells });
      return;
    }
    if (row <= HEADER_ROWS) sheet.header = headerOf(cells);
    if (sheet.header) this.#checkHeader(name, sheet.header);
    else if (cells.some(isIdNumber)) sheet.idNumberRows += 1;
  }

  #data(row: FileRow): void {
    if (![...row.columns.values()].some(({ index }) => plain(row.cells[index]))) return;
    if (this.count >= this.maxRows) {
      throw new ImportError(
        `超过 ${this.maxRows} 行，请拆分后分别导入。`,
        `more than ${this.maxRows} rows: split the file and import the parts`,
      );
    }
    const checked = checkRow(row);
    const problems = Array.isArray(checked) ? checked : this.#duplicate(row, checked);
    if (problems.length === 0 && !Array.isArray(checked)) {
      this.#roster.rows.push({ ...row, input: checked });
    } else {
      this.#roster.rejected += 1;
      this.#roster.problems.push(...problems);
    }
  }

  #duplicate(row: FileRow, { idNumber }: TeacherRow): Problem[] {
    const first = this.#firstOf.get(idNumber);
    if (!first) {
      this.#firstOf.set(idNumber, row);
      return [];
    }
    const reason = {
      zh: `与工作表“${first.sheet}”第 ${first.row} 行的身份证号重复。`,
      en: `The ID number is that of sheet "${first.sheet}", row ${first.row}.`,
    };
    return [problemAt(row, 'idNumber', 'ID-NUMBER-DUPLICATE', reason)];
  }

  #checkHeader(sheet: string, header: Header): void {
    for (const field of REQUIRED.filter((needed) => !header.columns.has(needed))) {
      const [heading, ...others] = HEADINGS[field];
      this.#wrong.push({
        zh: `工作表“${sheet}”缺少“${heading}”列（也可写作${others.slice(0, 3).join('、')}）。`,
        en: `sheet "${sheet}" has no column ${heading} (or ${others.join(', ')})`,
      });
    }
    for (const [a, b] of header.doubled) {
      this.#wrong.push({
        zh: `工作表“${sheet}”中“${a}”与“${b}”含义相同，请只保留一列。`,
        en: `sheet "${sheet}": the columns ${a} and ${b} mean the same, keep one`,
      });
    }
    if (header.unused.length > 0) {
      this.#roster.notes.push({
        zh: `工作表“${sheet}”中未使用的列：${header.unused.join('、')}`,
        en: `sheet "${sheet}": columns not used: ${header.unused.join(', ')}`,
      });
    }
  }

  finish(): Roster {
    for (const [name, { header, hidden, idNumberRows }] of this.#sheets) {
      if (header) continue;
      if (idNumberRows >= ID_NUMBER_ROWS) this.#wrong.push(noHeader(name));
      else this.#roster.notes.push(skipped(name, hidden));
    }
    const wrong = this.#wrong;
    if (wrong.length === 0 && this.count === 0) wrong.push(noRows());
    if (wrong.length === 0) return { ...this.#roster, sheets: [...this.#sheets.keys()] };
    const lines = (lang: keyof Text) => wrong.map((text) => text[lang]).join('\n');
    throw new ImportError(lines('zh'), lines('en'));
  }
}

const isIdNumber = (cell: Cell): boolean => /^\d{17}[\dx]$/i.test(compact(cell));

const noHeader = (sheet: string): Text => ({
  zh: `工作表“${sheet}”前 ${HEADER_ROWS} 行中没有表头（姓名、身份证号、单位代码……）。`,
  en: `sheet "${sheet}" has no header (姓名, 身份证号, 单位代码 …) in its first ${HEADER_ROWS} rows`,
});

const skipped = (sheet: string, hidden: boolean): Text => ({
  zh: `工作表“${sheet}”${hidden ? '是隐藏的' : '没有表头'}，已跳过。`,
  en: `sheet "${sheet}" ${hidden ? 'is hidden' : 'has no header'}: skipped`,
});

const noRows = (): Text => ({
  zh: '文件中没有教师数据。请保证表头含姓名、身份证号、单位代码、学段、入职日期。',
  en: 'the file holds no teachers; its header must have 姓名, 身份证号, 单位代码, 学段, 入职日期',
});
