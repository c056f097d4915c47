import { letterOf, REQUIRED, type Column, type Field } from './columns.js';
import { calendarDate } from './dates.js';
import { hideNumbers, maskName, maskNumber } from './mask.js';
import { ladderOf, stageOf } from './terms.js';
import { compact, hasLostDigits, isCellError, personName, plain } from './text.js';
import type { Cell, Text } from './text.js';

/** A row as `registerTeachers` takes it. */
export interface TeacherRow {
  rowNumber: number;
  name: string;
  idNumber: string;
  phone: string | null;
  unitCode: string;
  stage: string;
  subject: string | null;
  ladder: string | null;
  hiredOn: string;
  title: string | null;
}

/** A row of the file: where it is and what its cells hold. */
export interface FileRow {
  sheet: string;
  row: number;
  columns: ReadonlyMap<Field, Column>;
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

const MAX_LENGTH = 100;

export const cellOf = ({ columns, cells }: FileRow, field: Field): Cell => {
  const column = columns.get(field);
  return (column && cells[column.index]) ?? null;
};

/** A problem of one cell, shown under the heading and letter of its column. */
export const problemAt = (row: FileRow, field: Field, rule: string, reason: Text): Problem => {
  const column = row.columns.get(field);
  return {
    sheet: row.sheet,
    row: row.row,
    column: column ? `${letterOf(column.index)} ${column.heading}` : field,
    value: shown(field, cellOf(row, field)),
    rule,
    reason,
  };
};

/** The cell as a report may show it. */
const shown = (field: Field, cell: Cell): string => {
  const text = plain(cell);
  if (isCellError(text)) return text;
  if (field === 'name') return maskName(text);
  if (field === 'idNumber' || field === 'phone') return maskNumber(text);
  const hidden = hideNumbers(text);
  return hidden.length > MAX_LENGTH ? `${hidden.slice(0, MAX_LENGTH)}…` : hidden;
};

/** What can be told from the row alone, before the platform is asked. */
export const checkRow = (row: FileRow): TeacherRow | Problem[] => {
  const of = (field: Field) => cellOf(row, field);
  const problems = [...row.columns.keys()].flatMap((field) => cellProblems(row, field));
  const stage = stageOf(of('stage'));
  const hiredOn = calendarDate(of('hiredOn'));
  if (problems.length > 0 || !stage || !hiredOn) return problems;
  const optional = (text: string) => text || null;
  return {
    rowNumber: row.row,
    name: personName(of('name')),
    idNumber: compact(of('idNumber')).toUpperCase(),
    phone: optional(compact(of('phone'))),
    unitCode: compact(of('unitCode')),
    stage,
    subject: optional(plain(of('subject'))),
    ladder: ladderOf(of('ladder')),
    hiredOn,
    title: optional(plain(of('title'))),
  };
};

const cellProblems = (row: FileRow, field: Field): Problem[] => {
  const cell = cellOf(row, field);
  const found = cellProblem(field, cell, plain(cell));
  return found ? [problemAt(row, field, found.rule, { zh: found.zh, en: found.en })] : [];
};

interface Found extends Text {
  rule: string;
}

const cellProblem = (field: Field, cell: Cell, text: string): Found | null => {
  if (text === '') return REQUIRED.includes(field) ? MISSING : null;
  if (isCellError(text)) return CELL_ERROR;
  if (text.length > MAX_LENGTH) return TOO_LONG;
  if (field === 'idNumber' && hasLostDigits(cell)) return DIGITS_LOST;
  if (field === 'hiredOn' && !calendarDate(cell)) return UNREADABLE_DATE;
  if (field === 'stage' && !stageOf(cell)) return UNKNOWN_STAGE;
  if (field === 'ladder' && !ladderOf(cell)) return UNKNOWN_LADDER;
  return null;
};

const MISSING: Found = {
  rule: 'VALUE-MISSING',
  zh: '必填项为空（合并的单元格请拆分后逐行填写）。',
  en: 'Required, but empty (undo merged cells and fill in every row).',
};

const CELL_ERROR: Found = {
  rule: 'CELL-ERROR',
  zh: '单元格是公式错误，请改为实际内容。',
  en: 'The cell holds the error of a formula: put the value itself.',
};

const TOO_LONG: Found = {
  rule: 'VALUE-LENGTH',
  zh: `内容超过${MAX_LENGTH}字。`,
  en: `Longer than ${MAX_LENGTH} characters.`,
};

const DIGITS_LOST: Found = {
  rule: 'ID-NUMBER-DIGITS-LOST',
  zh: '身份证号以数字存储，15位以后的数字已丢失：请先将该列格式设为“文本”，再重新输入。',
  en: 'Stored as a number, which keeps 15 digits only: format the column as text and type it again.',
};

const UNREADABLE_DATE: Found = {
  rule: 'HIRED-ON-DATE',
  zh: '不是可识别的真实日期，请写成 2020-09-01。',
  en: 'Not a real date that can be read: write it as 2020-09-01.',
};

const UNKNOWN_STAGE: Found = {
  rule: 'STAGE-UNKNOWN',
  zh: '学段须为：幼儿园、小学、初中、高中、特殊教育、中职、高校。',
  en: 'The stage is one of 幼儿园, 小学, 初中, 高中, 特殊教育, 中职, 高校.',
};

const UNKNOWN_LADDER: Found = {
  rule: 'LADDER-UNKNOWN',
  zh: '梯队须为：新任、青年、骨干、名师。',
  en: 'The rung is one of 新任, 青年, 骨干, 名师.',
};
