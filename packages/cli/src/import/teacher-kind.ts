import { calendarDate } from './dates.js';
import { arrayAt, at, cellOf, problemAt, type FileRow, type Kind, type Problem } from './kind.js';
import type { RowResult } from './kind.js';
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

/** Fields of `TeacherRowInput` that a roster may hold. */
export type Field =
  'name' | 'idNumber' | 'phone' | 'unitCode' | 'stage' | 'subject' | 'hiredOn' | 'title' | 'ladder';

const REQUIRED: readonly Field[] = ['name', 'idNumber', 'unitCode', 'stage', 'hiredOn'];

const HEADINGS: Readonly<Record<Field, readonly string[]>> = {
  name: ['姓名', '教师姓名', 'name', 'full name', 'teacher name'],
  idNumber: [
    ...['身份证号', '身份证号码', '身份证件号', '身份证件号码', '公民身份号码'],
    ...['id number', 'id no', 'id card', 'id card number', 'identity number'],
  ],
  phone: ['手机号', '手机号码', '手机', '联系电话', '电话', '联系方式', 'phone', 'mobile'],
  unitCode: [
    ...['单位代码', '学校代码', '学校标识码', '单位编码', '学校编码', '所在单位代码'],
    ...['unit code', 'school code', 'organisation code', 'organization code'],
  ],
  stage: ['学段', '任教学段', '所在学段', 'stage', 'school stage'],
  subject: ['任教学科', '学科', '所教学科', '任教科目', 'subject'],
  hiredOn: [
    ...['入职日期', '入职时间', '参加工作时间', '参加工作日期', '工作时间', '从教时间'],
    ...['hired on', 'hire date', 'date hired', 'start date'],
  ],
  title: ['职称', '专业技术职务', '现任职称', 'title', 'professional title'],
  ladder: ['梯队', '梯次', '发展阶段', '教师梯队', 'ladder', 'rung', 'career stage'],
};

const MAX_LENGTH = 100;

/** The cell as a report may show it. */
const shown = (field: Field, cell: Cell): string => {
  const text = plain(cell);
  if (isCellError(text)) return text;
  if (field === 'name') return maskName(text);
  if (field === 'idNumber' || field === 'phone') return maskNumber(text);
  const hidden = hideNumbers(text);
  return hidden.length > MAX_LENGTH ? `${hidden.slice(0, MAX_LENGTH)}…` : hidden;
};

const checkRow = (row: FileRow<Field>): TeacherRow | Problem[] => {
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

const cellProblems = (row: FileRow<Field>, field: Field): Problem[] => {
  const cell = cellOf(row, field);
  const found = cellProblem(field, cell, plain(cell));
  if (!found) return [];
  const { rule, ...reason } = found;
  return [problemAt({ shown }, row, field, { rule, reason })];
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

/** The operation `gateway/operations/cli/import.graphql`. */
export const REGISTER_TEACHERS = `mutation RegisterTeachers($input: RegisterTeachersInput!) {
  registerTeachers(input: $input) {
    rows { status problems { column rule messageZh messageEn } }
  }
}`;

const isRowResult = (value: unknown): value is RowResult =>
  ['REGISTERED', 'UNCHANGED', 'REJECTED'].includes(String(at(value, 'status'))) &&
  Array.isArray(at(value, 'problems'));

/** A roster (花名册). */
export const TEACHERS: Kind<Field, TeacherRow> = {
  name: 'import-teachers',
  columns: { required: REQUIRED, headings: HEADINGS },
  checkRow,
  shown,
  keyOf: ({ idNumber }) => idNumber,
  duplicate: {
    field: 'idNumber',
    rule: 'ID-NUMBER-DUPLICATE',
    reason: (first) => ({
      zh: `与工作表“${first.sheet}”第 ${first.row} 行的身份证号重复。`,
      en: `The ID number is that of sheet "${first.sheet}", row ${first.row}.`,
    }),
  },
  isTelling: (cell) => /^\d{17}[\dx]$/i.test(compact(cell)),
  headings: '姓名、身份证号、单位代码、学段、入职日期',
  rows: { zh: '教师数据', en: 'teachers' },
  mutation: {
    text: REGISTER_TEACHERS,
    input: (rows, dryRun) => ({ rows, dryRun }),
    results(data) {
      const results = arrayAt(at(data, 'registerTeachers'), 'rows');
      return results.every(isRowResult) ? results : null;
    },
  },
};
