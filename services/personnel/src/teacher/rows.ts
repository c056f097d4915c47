import { isDate, yearsAfter } from '@yanxiu/subgraph/calendar';
import { stageFits } from '../org-unit/rules.js';
import type { Sector, Stage, Tier } from '../org-unit/entity.js';
import { TEACHER_ROLES, type Ladder, type TeacherRole } from './entity.js';
import { hideNumbers, holdsNumber } from '@yanxiu/subgraph/person/note';
import { birthDateOf, idNumberFault, normalIdNumber, type IdNumberFault } from './id-number.js';
import { maskName, maskNumber } from './mask.js';
import type { Personal } from './personal.js';

/** One row of a roster as given: text throughout. */
export interface TeacherRow {
  /** Only the generator gives one. */
  id?: string;
  rowNumber: number;
  name: string;
  idNumber: string;
  phone?: string | null | undefined;
  unitCode: string;
  stage: string;
  subject?: string | null | undefined;
  ladder?: string | null | undefined;
  roles?: readonly string[] | null | undefined;
  hiredOn: string;
  title?: string | null | undefined;
}

/** Why a row is not taken; `value` is masked where it is personal. */
export interface RowProblem {
  column: string;
  value: string | null;
  rule: string;
  messageZh: string;
  messageEn: string;
}

export interface RowResult {
  rowNumber: number;
  status: 'REGISTERED' | 'UNCHANGED' | 'REJECTED';
  teacherId: string | null;
  problems: RowProblem[];
}

/** A row that is in order; null where nothing was given. */
export interface Candidate extends Personal {
  unitCode: string;
  sector: Sector;
  stage: Stage;
  subject: string | null;
  ladder: Ladder | null;
  roles: TeacherRole[] | null;
  hiredOn: string;
  title: string | null;
}

/** The row's unit as the tree has it. */
export interface RowUnit {
  tier: Tier;
  sector: Sector | null;
  stage: Stage | null;
  inJurisdiction: boolean;
}

const STAGES: Readonly<Record<string, Stage>> = {
  幼儿园: 'KINDERGARTEN',
  小学: 'PRIMARY',
  初中: 'JUNIOR_SECONDARY',
  高中: 'SENIOR_SECONDARY',
  普通高中: 'SENIOR_SECONDARY',
  特殊教育: 'SPECIAL',
  中职: 'SECONDARY_VOCATIONAL',
  中等职业: 'SECONDARY_VOCATIONAL',
  高校: 'HIGHER',
  高等教育: 'HIGHER',
};

const LADDERS: Readonly<Record<string, Ladder>> = {
  新任: 'NEW',
  转岗: 'NEW',
  青年: 'YOUNG',
  骨干: 'BACKBONE',
  名师: 'MASTER',
  名校长: 'MASTER',
};

const ID_NUMBER: Readonly<Record<IdNumberFault, [string, string]>> = {
  FORMAT: [
    '身份证件号码须为18位。',
    'An ID number has 18 characters: 17 digits and a check digit.',
  ],
  'CHECK-DIGIT': ['身份证件号码校验位不符。', "The ID number's check digit is wrong."],
  'BIRTH-DATE': [
    '身份证件号码中的出生日期不合理。',
    'The birth date in the ID number is not plausible.',
  ],
};

const blankAsNull = (text: string | null | undefined): string | null => text?.trim() || null;

/** A value of the enum or its Chinese term. */
function termOf<T extends string>(terms: Readonly<Record<string, T>>, text: string): T | null {
  const term = text.trim();
  if (Object.hasOwn(terms, term)) return terms[term] ?? null;
  return Object.values(terms).find((value) => value === term.toUpperCase()) ?? null;
}

/** Checks a row on its own: either a candidate or every problem that it has. */
export function checkRow(
  row: TeacherRow,
  unit: RowUnit | null,
  today: string,
): { candidate: Candidate } | { problems: RowProblem[] } {
  const problems: RowProblem[] = [];
  const report = (column: string, value: string | null, rule: string, zh: string, en: string) => {
    // A shifted column holds a number where none belongs.
    const shown = value === null ? null : hideNumbers(value);
    problems.push({ column, value: shown, rule, messageZh: zh, messageEn: en });
  };
  const idNumber = normalIdNumber(row.idNumber);
  const name = row.name.trim();
  const phone = blankAsNull(row.phone);
  if (name === '' || name.length > 60) {
    const value = name && maskName(name);
    report('name', value || null, 'NAME', '姓名不能为空，且不超过60字。', 'Give a name.');
  }
  // E.164 has at most 15 digits.
  if (phone !== null && !/^\+?(?:[ -]*\d){7,15}[ -]*$/.test(phone)) {
    report('phone', maskNumber(phone), 'PHONE', '联系电话格式不正确。', 'This is no phone number.');
  }
  const fault = idNumberFault(idNumber, today);
  if (fault) {
    const [zh, en] = ID_NUMBER[fault];
    report('idNumber', maskNumber(idNumber), `ID-NUMBER-${fault}`, zh, en);
  }
  for (const column of ['subject', 'title'] as const) {
    if (!holdsNumber(row[column] ?? '')) continue;
    const zh = '此列不得填写证件号码或电话号码，请核对是否错列。';
    const en = 'No ID or phone number belongs here: see whether the columns are shifted.';
    report(column, row[column] ?? null, 'NUMBER-MISPLACED', zh, en);
  }
  checkHiredOn(row.hiredOn.trim(), fault ? null : birthDateOf(idNumber), today, report);
  checkUnit(row.unitCode.trim(), unit, report);
  const { stage, ladder, roles } = checkClassification(row, unit, report);
  if (problems.length > 0 || !unit?.sector || !stage) return { problems };
  return {
    candidate: {
      name,
      idNumber,
      phone,
      birthDate: birthDateOf(idNumber),
      unitCode: row.unitCode.trim(),
      sector: unit.sector,
      stage,
      subject: blankAsNull(row.subject),
      ladder,
      roles,
      hiredOn: row.hiredOn.trim(),
      title: blankAsNull(row.title),
    },
  };
}

type Report = (column: string, value: string | null, rule: string, zh: string, en: string) => void;

function checkHiredOn(hiredOn: string, birth: string | null, today: string, report: Report): void {
  if (!isDate(hiredOn)) {
    report(
      'hiredOn',
      hiredOn || null,
      'HIRED-ON-DATE',
      '入职日期须为真实日期，格式为 YYYY-MM-DD。',
      'The first day of service is a calendar date, YYYY-MM-DD.',
    );
  } else if (hiredOn > today) {
    report(
      'hiredOn',
      hiredOn,
      'HIRED-ON-FUTURE',
      '入职日期不能晚于今天。',
      'The first day of service cannot be in the future.',
    );
  } else if (birth && hiredOn < yearsAfter(birth, 16)) {
    report(
      'hiredOn',
      hiredOn,
      'HIRED-ON-AGE',
      '入职时未满16周岁。',
      'The person was not yet 16 on that day.',
    );
  }
}

function checkUnit(code: string, unit: RowUnit | null, report: Report): void {
  if (!unit) {
    report(
      'unitCode',
      code,
      'UNIT-UNKNOWN',
      '单位代码不存在。',
      'There is no unit with this code.',
    );
  } else if (!unit.inJurisdiction) {
    report(
      'unitCode',
      code,
      'UNIT-JURISDICTION',
      '该单位不在您的管辖范围内。',
      'The unit is outside your jurisdiction.',
    );
  } else if (unit.tier !== 'SCHOOL') {
    report(
      'unitCode',
      code,
      'UNIT-NOT-SCHOOL',
      '该单位不是学校。',
      'The unit is an administrative one: a teacher belongs to a school.',
    );
  }
}

function checkClassification(row: TeacherRow, unit: RowUnit | null, report: Report) {
  const stage = termOf(STAGES, row.stage);
  if (!stage) {
    report('stage', row.stage, 'STAGE-UNKNOWN', '学段无法识别。', 'The stage is not known.');
  } else if (unit?.sector && !stageFits(stage, unit)) {
    report(
      'stage',
      row.stage,
      'STAGE-UNIT',
      '学段与单位的教育类别或学段不符。',
      "The stage does not fit the unit's sector or stage.",
    );
  }
  const ladderText = blankAsNull(row.ladder);
  const ladder = ladderText === null ? null : termOf(LADDERS, ladderText);
  if (ladderText !== null && ladder === null) {
    report('ladder', ladderText, 'LADDER-UNKNOWN', '梯次无法识别。', 'The rung is not known.');
  }
  const roles = row.roles?.length ? [...new Set(row.roles)].filter(isTeacherRole).sort() : null;
  const unknown = row.roles?.find((role) => !isTeacherRole(role));
  if (unknown !== undefined) {
    report('roles', unknown, 'ROLE-UNKNOWN', '身份无法识别。', 'The duty is not known.');
  }
  return { stage, ladder, roles };
}

const isTeacherRole = (text: string): text is TeacherRole =>
  (TEACHER_ROLES as readonly string[]).includes(text);

/** A teacher with the row's ID number, as registered. */
export type Registered = Candidate;

/** Problems of a row whose ID number is registered: one for each column that says another thing. */
export function differences(row: Candidate, registered: Registered): RowProblem[] {
  const columns = [
    { column: 'name', show: maskName },
    { column: 'phone', show: maskNumber },
    { column: 'unitCode', show: String },
    { column: 'stage', show: String },
    { column: 'subject', show: String },
    { column: 'ladder', show: String },
    { column: 'roles', show: String },
    { column: 'hiredOn', show: String },
    { column: 'title', show: String },
  ] as const;
  return columns.flatMap(({ column, show }) => {
    const given = row[column];
    // What a file leaves out says nothing about what was registered since.
    if (given === null || String(given) === String(registered[column])) return [];
    return [
      {
        column,
        value: show(String(given)),
        rule: 'TEACHER-DIFFERS',
        messageZh: '该身份证件号码已登记，此列与登记信息不一致；请用调动或信息变更办理。',
        messageEn:
          'The ID number is registered with another value here: use a transfer or a change.',
      },
    ];
  });
}

export const duplicateInFile = (idNumber: string, firstRow: number): RowProblem => ({
  column: 'idNumber',
  value: maskNumber(idNumber),
  rule: 'ID-NUMBER-DUPLICATE',
  messageZh: `与第 ${firstRow} 行的身份证件号码重复。`,
  messageEn: `The ID number is that of row ${firstRow}.`,
});

export const registeredElsewhere = (idNumber: string): RowProblem => ({
  column: 'idNumber',
  value: maskNumber(idNumber),
  rule: 'TEACHER-ELSEWHERE',
  messageZh: '该身份证件号码已在您管辖范围外的单位登记，请联系上级办理调动。',
  messageEn: 'The ID number is registered outside your jurisdiction: ask for a transfer.',
});
