import { headerOf, type Header } from './columns.js';
import { ImportError } from './import-error.js';
import { problemAt, type FileRow, type Kind, type Problem } from './kind.js';
import { plain, type Cell, type Text } from './text.js';

export const MAX_ROWS = 200_000;
/** A header stands within these rows. */
const HEADER_ROWS = 10;
/** A note may quote what a row holds; so many rows with it are a list without a header. */
const TELLING_ROWS = 3;

/** A row of a sheet as the file has it. */
export interface Line {
  sheet: string;
  hidden: boolean;
  row: number;
  cells: Cell[];
}

/** A row that may be sent. */
export interface RosterRow<F extends string, R> extends FileRow<F> {
  input: R;
}

/** A whole file, checked. */
export interface Roster<F extends string, R> {
  rows: RosterRow<F, R>[];
  problems: Problem[];
  /** The sheets in the order of the file. */
  sheets: string[];
  /** How many rows the problems concern. */
  rejected: number;
  /** What a person should know that is no fault of a row. */
  notes: Text[];
}

/** Reads all sheets; throws when one has no such columns as its kind needs. */
export const readRoster = async <F extends string, R>(
  kind: Kind<F, R>,
  lines: AsyncIterable<Line>,
  onRow: (count: number) => void = () => undefined,
  maxRows = MAX_ROWS,
): Promise<Roster<F, R>> => {
  const reader = new RosterReader(kind, maxRows);
  for await (const line of lines) {
    reader.take(line);
    onRow(reader.count);
  }
  return reader.finish();
};

interface Sheet<F extends string> {
  header: Header<F> | null;
  hidden: boolean;
  tellingRows: number;
}

class RosterReader<F extends string, R> {
  readonly #sheets = new Map<string, Sheet<F>>();
  readonly #firstOf = new Map<string, FileRow<F>>();
  readonly #roster: Roster<F, R> = { rows: [], problems: [], sheets: [], rejected: 0, notes: [] };
  readonly #wrong: Text[] = [];

  constructor(
    private readonly kind: Kind<F, R>,
    private readonly maxRows: number,
  ) {}

  get count(): number {
    return this.#roster.rows.length + this.#roster.rejected;
  }

  take({ sheet: name, hidden, row, cells }: Line): void {
    const sheet = this.#sheets.get(name) ?? { header: null, hidden, tellingRows: 0 };
    this.#sheets.set(name, sheet);
    if (sheet.hidden) return;
    if (sheet.header) {
      this.#data({ sheet: name, row, columns: sheet.header.columns, cells });
      return;
    }
    if (row <= HEADER_ROWS) sheet.header = headerOf(cells, this.kind.columns);
    if (sheet.header) this.#checkHeader(name, sheet.header);
    else if (cells.some(this.kind.isTelling)) sheet.tellingRows += 1;
  }

  #data(row: FileRow<F>): void {
    if (![...row.columns.values()].some(({ index }) => plain(row.cells[index]))) return;
    if (this.count >= this.maxRows) {
      throw new ImportError(
        `超过 ${this.maxRows} 行，请拆分后分别导入。`,
        `more than ${this.maxRows} rows: split the file and import the parts`,
      );
    }
    const checked = this.kind.checkRow(row);
    const problems = Array.isArray(checked) ? checked : this.#duplicate(row, checked);
    if (problems.length === 0 && !Array.isArray(checked)) {
      this.#roster.rows.push({ ...row, input: checked });
    } else {
      this.#roster.rejected += 1;
      this.#roster.problems.push(...problems);
    }
  }

  #duplicate(row: FileRow<F>, input: R): Problem[] {
    const key = this.kind.keyOf(input);
    const first = this.#firstOf.get(key);
    if (!first) {
      this.#firstOf.set(key, row);
      return [];
    }
    const { field, rule, reason } = this.kind.duplicate;
    return [problemAt(this.kind, row, field, { rule, reason: reason(first) })];
  }

  #checkHeader(sheet: string, header: Header<F>): void {
    const { required, headings } = this.kind.columns;
    for (const field of required.filter((needed) => !header.columns.has(needed))) {
      const [heading, ...others] = headings[field];
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

  finish(): Roster<F, R> {
    for (const [name, { header, hidden, tellingRows }] of this.#sheets) {
      if (header) continue;
      if (tellingRows >= TELLING_ROWS) this.#wrong.push(noHeader(name, this.kind.headings));
      else this.#roster.notes.push(skipped(name, hidden));
    }
    const wrong = this.#wrong;
    if (wrong.length === 0 && this.count === 0) wrong.push(noRows(this.kind));
    if (wrong.length === 0) return { ...this.#roster, sheets: [...this.#sheets.keys()] };
    const lines = (lang: keyof Text) => wrong.map((text) => text[lang]).join('\n');
    throw new ImportError(lines('zh'), lines('en'));
  }
}

const noHeader = (sheet: string, headings: string): Text => ({
  zh: `工作表“${sheet}”前 ${HEADER_ROWS} 行中没有表头（${headings}……）。`,
  en: `sheet "${sheet}" has no header (${headings} …) in its first ${HEADER_ROWS} rows`,
});

const skipped = (sheet: string, hidden: boolean): Text => ({
  zh: `工作表“${sheet}”${hidden ? '是隐藏的' : '没有表头'}，已跳过。`,
  en: `sheet "${sheet}" ${hidden ? 'is hidden' : 'has no header'}: skipped`,
});

const noRows = ({ rows, headings }: Pick<Kind<string, unknown>, 'rows' | 'headings'>): Text => ({
  zh: `文件中没有${rows.zh}。请保证表头含${headings}。`,
  en: `the file holds no ${rows.en}; its header must have ${headings.replaceAll('、', ', ')}`,
});
