import { letterOf, type Column, type Columns } from './columns.js';
import type { Cell, Text } from './text.js';

/** A row of a file: where it is and what its cells hold. */
export interface FileRow<F extends string> {
  sheet: string;
  row: number;
  columns: ReadonlyMap<F, Column>;
  cells: readonly Cell[];
}

/** Why a row is not taken; `value` is masked. */
export interface Problem {
  sheet: string;
  row: number;
  column: string;
  value: string;
  rule: string;
  reason: Text;
}

/** What the platform says of one row. */
export interface RowResult {
  status: 'REGISTERED' | 'UNCHANGED' | 'REJECTED';
  problems: { column: string; rule: string; messageZh: string; messageEn: string }[];
}

/** What is imported: its columns, its rows, and how the platform is asked to take them. */
export interface Kind<F extends string, R> {
  /** Begins the idempotency keys. */
  name: string;
  columns: Columns<F>;
  /** What can be told from the row alone, before the platform is asked. */
  checkRow(row: FileRow<F>): R | Problem[];
  /** The cell as a report may show it: personal data masked. */
  shown(field: F, cell: Cell): string;
  /** The same for two rows that mean one thing. */
  keyOf(input: R): string;
  /** Field, rule and reason of a row whose key an earlier row has. */
  duplicate: { field: F; rule: string; reason(first: FileRow<F>): Text };
  /** Whether a cell is such as only rows to import have: many of them and no header is a fault. */
  isTelling(cell: Cell): boolean;
  /** The first headings, for a person who has forgotten the header. */
  headings: string;
  /** What rows are called: 教师数据, teachers. */
  rows: Text;
  mutation: {
    text: string;
    input(rows: readonly R[], dryRun: boolean): object;
    /** One for each row sent; null when the answer is not such. */
    results(data: unknown): RowResult[] | null;
  };
}

export const cellOf = <F extends string>({ columns, cells }: FileRow<F>, field: F): Cell => {
  const column = columns.get(field);
  return (column && cells[column.index]) ?? null;
};

/** A problem of one cell, shown under the heading and letter of its column. */
export const problemAt = <F extends string>(
  kind: Pick<Kind<F, unknown>, 'shown'>,
  row: FileRow<F>,
  field: F,
  { rule, reason }: Pick<Problem, 'rule' | 'reason'>,
): Problem => {
  const column = row.columns.get(field);
  return {
    sheet: row.sheet,
    row: row.row,
    column: column ? `${letterOf(column.index)} ${column.heading}` : field,
    value: kind.shown(field, cellOf(row, field)),
    rule,
    reason,
  };
};

/** A member of an answer, or undefined. */
export const at = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;

export const arrayAt = (value: unknown, key: string): unknown[] => {
  const found = at(value, key);
  return Array.isArray(found) ? found : [];
};
