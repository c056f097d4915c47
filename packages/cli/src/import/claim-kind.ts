import { calendarDate } from './dates.js';
import { arrayAt, at, cellOf, problemAt, type FileRow, type Kind, type Problem } from './kind.js';
import type { RowResult } from './kind.js';
import { hideNumbers } from './mask.js';
import { compact, isCellError, plain, type Cell, type Text } from './text.js';

const HEADINGS = {
  teacherId: ['教师编号', '教师ID', 'teacher id'],
  source: ['来源', '学时来源', 'source'],
  category: ['类别', '培训类别', 'category'],
  modality: ['方式', '学习方式', 'modality'],
  title: ['名称', '内容', '培训名称', '课程名称', 'title'],
  date: ['日期', '学习日期', 'date'],
  startTime: ['开始时间', 'start time'],
  minutes: ['分钟', '时长', '分钟数', 'minutes'],
  projectId: ['项目编号', 'project id'],
  evidenceName: ['证明材料', '证明文件', 'evidence'],
  evidenceSha256: ['证明SHA256', '文件哈希', 'evidence sha256', 'sha256'],
  evidenceSize: ['文件大小', '证明大小', 'evidence size', 'size'],
  relevance: ['学用一致说明', 'relevance'],
  approval: ['批准文号', 'approval'],
} as const;
type Field = keyof typeof HEADINGS;

const OPTIONAL: readonly Field[] = ['startTime', 'projectId', 'relevance', 'approval'];
const REQUIRED = (Object.keys(HEADINGS) as Field[]).filter((field) => !OPTIONAL.includes(field));

const SOURCES: Readonly<Record<string, string>> = {
  自主学习: 'SELF_STUDY',
  国家智慧教育平台: 'SMART_EDUCATION',
  智慧教育平台: 'SMART_EDUCATION',
  外部培训: 'EXTERNAL',
  学历提高: 'DEGREE',
  出国境培训: 'OVERSEAS',
  出国培训: 'OVERSEAS',
};

const MODALITIES: Readonly<Record<string, string>> = {
  面授: 'FACE_TO_FACE',
  集中: 'FACE_TO_FACE',
  网络: 'ONLINE',
  线上: 'ONLINE',
  自学: 'SELF_DIRECTED',
};

const termOf = (terms: Readonly<Record<string, string>>, cell: Cell): string | null => {
  const text = compact(cell).replace(/[()（）]/g, '');
  if (Object.hasOwn(terms, text)) return terms[text] ?? null;
  const value = text.toUpperCase().replace(/-/g, '_');
  return Object.values(terms).includes(value) ? value : null;
};

/** `HH:MM` of a text, or of a cell that holds a time as Excel does: a part of a day. */
const timeOf = (cell: Cell): string | null => {
  if (cell instanceof Date) return cell.toISOString().slice(11, 16);
  if (typeof cell === 'number') {
    const minutes = Math.round(cell * 1_440);
    if (cell < 0 || minutes >= 1_440) return null;
    const two = (n: number) => String(n).padStart(2, '0');
    return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }
  const [, hour, minute] = /^(\d{1,2}):(\d\d)(?::\d\d)?$/.exec(compact(cell)) ?? [];
  return hour && minute ? `${hour.padStart(2, '0')}:${minute}` : null;
};

/** A whole number that fits into GraphQL's Int; whether it makes sense is the platform's to say. */
const wholeOf = (cell: Cell): number | null => {
  const text = compact(cell).replace(/分钟$/, '');
  return /^-?\d{1,9}$/.test(text) ? Number(text) : null;
};

/** A row as `submitClaims` takes it. */
export interface ClaimRow {
  teacherId: string;
  source: string;
  category: string;
  modality: string;
  title: string;
  projectId: string | null;
  sessions: { date: string; startTime: string | null; minutes: number }[];
  evidence: { sha256: string; name: string; size: number };
  relevance: string | null;
  approval: string | null;
}

type Fault = Pick<Problem, 'rule' | 'reason'>;
const fault = (rule: string, zh: string, en: string): Fault => ({ rule, reason: { zh, en } });

const MISSING = fault('VALUE-MISSING', '必填项为空。', 'Required, but empty.');
const CELL_ERROR = fault(
  'CELL-ERROR',
  '单元格是公式错误，请改为实际内容。',
  'The cell holds the error of a formula: put the value itself.',
);

/** What makes a filled cell unreadable. */
const UNREADABLE: Readonly<Partial<Record<Field, [(cell: Cell) => unknown, Fault]>>> = {
  source: [
    (cell) => termOf(SOURCES, cell),
    fault(
      'SOURCE-UNKNOWN',
      '来源须为：自主学习、国家智慧教育平台、外部培训、学历提高、出国（境）培训。',
      'The source is one of 自主学习, 国家智慧教育平台, 外部培训, 学历提高, 出国（境）培训.',
    ),
  ],
  modality: [
    (cell) => termOf(MODALITIES, cell),
    fault(
      'MODALITY-UNKNOWN',
      '方式须为：面授、网络、自学。',
      'The modality is one of 面授, 网络, 自学.',
    ),
  ],
  date: [
    calendarDate,
    fault(
      'CLAIM-DATE',
      '不是可识别的真实日期，请写成 2025-07-01。',
      'Not a real date that can be read: write it as 2025-07-01.',
    ),
  ],
  startTime: [timeOf, fault('CLAIM-DATE', '时间请写成 19:30。', 'Write the time as 19:30.')],
  minutes: [
    (cell) => wholeOf(cell) !== null,
    fault('CLAIM-MINUTES', '分钟须为整数。', 'Minutes are a whole number.'),
  ],
  evidenceSize: [
    (cell) => wholeOf(cell) !== null,
    fault('CLAIM-EVIDENCE', '文件大小须为字节数。', 'The size is a number of bytes.'),
  ],
};

function faultOf(field: Field, cell: Cell): Fault | null {
  const text = plain(cell);
  if (text === '') return OPTIONAL.includes(field) ? null : MISSING;
  if (isCellError(text)) return CELL_ERROR;
  const [read, unreadable] = UNREADABLE[field] ?? [];
  return read && unreadable && !read(cell) ? unreadable : null;
}

/** Personal: whose row it is, and numbers that may be an ID or a phone. */
const shown = (field: Field, cell: Cell): string => {
  const text = compact(cell);
  if (field === 'teacherId')
    return text.length > 8 ? `${text.slice(0, 8)}…` : '*'.repeat(text.length);
  return hideNumbers(plain(cell)).slice(0, 100);
};

function checkRow(row: FileRow<Field>): ClaimRow | Problem[] {
  const of = (field: Field) => cellOf(row, field);
  const problems = [...row.columns.keys()].flatMap((field) => {
    const found = faultOf(field, of(field));
    return found ? [problemAt({ shown }, row, field, found)] : [];
  });
  const [source, modality] = [termOf(SOURCES, of('source')), termOf(MODALITIES, of('modality'))];
  const [date, minutes] = [calendarDate(of('date')), wholeOf(of('minutes'))];
  const size = wholeOf(of('evidenceSize'));
  if (problems.length > 0 || !source || !modality || !date) return problems;
  if (minutes === null || size === null) return problems;
  const optional = (field: Field) => plain(of(field)) || null;
  return {
    teacherId: compact(of('teacherId')).toLowerCase(),
    source,
    category: plain(of('category')),
    modality,
    title: plain(of('title')),
    projectId: compact(of('projectId')).toLowerCase() || null,
    sessions: [{ date, startTime: timeOf(of('startTime')), minutes }],
    evidence: {
      sha256: compact(of('evidenceSha256')).toLowerCase(),
      name: plain(of('evidenceName')),
      size,
    },
    relevance: optional('relevance'),
    approval: optional('approval'),
  };
}

/** The operation `gateway/operations/cli/import-claims.graphql`. */
export const SUBMIT_CLAIMS = `mutation SubmitClaims($input: SubmitClaimsInput!) {
  submitClaims(input: $input) {
    results { status rule messageZh messageEn }
  }
}`;

/** The column that a rule of the platform speaks of. */
const COLUMN_OF: Readonly<Record<string, Field>> = {
  'CLAIM-TEACHER': 'teacherId',
  'CLAIM-REGISTRAR': 'teacherId',
  'CLAIM-PROJECT': 'projectId',
  'CLAIM-MINUTES': 'minutes',
  'CLAIM-EVIDENCE': 'evidenceSha256',
  'HOURS-ONCE': 'evidenceSha256',
  'CLAIM-TEXT': 'title',
  'CLAIM-RELEVANCE': 'relevance',
  'CLAIM-APPROVAL': 'approval',
};

const STATUS: Readonly<Record<string, RowResult['status']>> = {
  SUBMITTED: 'REGISTERED',
  UNCHANGED: 'UNCHANGED',
  REJECTED: 'REJECTED',
};

const resultOf = (result: unknown): RowResult | null => {
  const status = STATUS[String(at(result, 'status'))];
  if (!status) return null;
  const rule = String(at(result, 'rule') ?? '');
  const text = (key: string) => String(at(result, key) ?? '');
  const [messageZh, messageEn] = [text('messageZh'), text('messageEn')];
  const problem = { column: COLUMN_OF[rule] ?? 'date', rule, messageZh, messageEn };
  return { status, problems: status === 'REJECTED' ? [problem] : [] };
};

const duplicate = (first: FileRow<Field>): Text => ({
  zh: `与工作表“${first.sheet}”第 ${first.row} 行相同（同一教师、证明材料与日期）。`,
  en: `The same teacher, evidence and date as sheet "${first.sheet}", row ${first.row}.`,
});

/** Claims of hours (学时申报), one a row. */
export const CLAIMS: Kind<Field, ClaimRow> = {
  name: 'import-claims',
  columns: { required: REQUIRED, headings: HEADINGS },
  checkRow,
  shown,
  keyOf: ({ teacherId, evidence, sessions }) =>
    `${teacherId} ${evidence.sha256} ${sessions[0]?.date}`,
  duplicate: { field: 'evidenceSha256', rule: 'HOURS-ONCE', reason: duplicate },
  isTelling: (cell) => /^[\da-f]{64}$/i.test(compact(cell)),
  headings: '教师编号、来源、类别、方式、名称、日期、分钟、证明材料、证明SHA256、文件大小',
  rows: { zh: '学时申报', en: 'claims' },
  mutation: {
    text: SUBMIT_CLAIMS,
    input: (claims, dryRun) => ({ claims, dryRun }),
    results(data) {
      const results = arrayAt(at(data, 'submitClaims'), 'results').map(resultOf);
      return results.every((result) => result !== null) ? results : null;
    },
  },
};
