import { compact, type Cell } from './text.js';

/** Fields of `TeacherRowInput` that a roster may hold. */
export const FIELDS = [
  'name',
  'idNumber',
  'phone',
  'unitCode',
  'stage',
  'subject',
  'hiredOn',
  'title',
  'ladder',
] as const;
export type Field = (typeof FIELDS)[number];

export const REQUIRED: readonly Field[] = ['name', 'idNumber', 'unitCode', 'stage', 'hiredOn'];

/** Headings as offices write them; the first is the one that we ask for. */
export const HEADINGS: Readonly<Record<Field, readonly string[]>> = {
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

/** Without blanks, marks and what stands in brackets: "身份证号*（18位）" is 身份证号. */
const keyOf = (heading: Cell | undefined): string =>
  compact(heading)
    .replace(/[(【[].*?[)】\]]/g, '')
    .replace(/[*:_\-.★]/g, '')
    .toLowerCase();

const FIELD_OF: ReadonlyMap<string, Field> = new Map(
  FIELDS.flatMap((field) => HEADINGS[field].map((heading) => [keyOf(heading), field] as const)),
);

/** A column of the file: where it is and what its heading says. */
export interface Column {
  index: number;
  heading: string;
}

/** What a header row says. */
export interface Header {
  columns: ReadonlyMap<Field, Column>;
  /** Fields that two columns claim, with the headings of both. */
  doubled: [string, string][];
  unused: string[];
}

/** Fewer known headings than this are a title or a note, not a header. */
const ENOUGH = 3;

/** The row as a header; null when it is none. */
export const headerOf = (cells: readonly Cell[]): Header | null => {
  const columns = new Map<Field, Column>();
  const doubled: [string, string][] = [];
  const unused: string[] = [];
  for (const [index, cell] of cells.entries()) {
    const heading = compact(cell);
    const field = FIELD_OF.get(keyOf(cell));
    const earlier = field && columns.get(field);
    if (earlier) doubled.push([earlier.heading, heading]);
    else if (field) columns.set(field, { index, heading });
    else if (heading) unused.push(heading);
  }
  return columns.size >= ENOUGH ? { columns, doubled, unused } : null;
};

/** 0 → A, 26 → AA. */
export const letterOf = (index: number): string => {
  const rest = Math.floor(index / 26);
  const last = String.fromCharCode(65 + (index % 26));
  return rest > 0 ? letterOf(rest - 1) + last : last;
};
