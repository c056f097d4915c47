import { DEPARTMENTS, ofTier, over, type Acting, type Governed } from '@yanxiu/registry/permission';
import { yearsAfter } from '@yanxiu/subgraph/calendar';
import { accepted, refused, type Decision, type Permission } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';
import { stageFits } from '../org-unit/rules.js';
import type { OrgUnit, Stage } from '../org-unit/entity.js';
import type { Post, Teacher } from './entity.js';

type School = Pick<OrgUnit, 'code' | 'tier' | 'sector' | 'stage'>;

const department = (actor: Acting): Permission =>
  all(inRole(actor, 'OFFICER'), ofTier(actor, DEPARTMENTS));

/** Who may: of a teacher whose latest post is in `unit`; a transfer asks it of both units. */
export const may = rights({
  /** Each row of a roster is asked for its own unit too (rows.ts). */
  register: department,
  reclassify: (actor: Acting, unit: Governed) =>
    all(inRole(actor, 'OFFICER', 'COORDINATOR'), over(actor, unit)),
  transfer: (actor: Acting, unit: Governed) => all(department(actor), over(actor, unit)),
  retire: (actor: Acting, unit: Governed) => all(department(actor), over(actor, unit)),
  /** Of one whose number she may see at all (access.ts). */
  reveal: department,
  erase: (actor: Acting, unit: Governed) =>
    all(inRole(actor, 'OFFICER'), ofTier(actor, ['PROVINCE', 'COUNTY']), over(actor, unit)),
});

/** In service means: one post is open. */
export function inService(post: Post | null): Decision<Post> {
  if (post) return accepted(post);
  return refused('TEACHER-RETIRED', '该教师已离职。', 'The teacher is no longer in service.');
}

/** The stage is one that the unit teaches. */
export function fitsSchool(stage: Stage, unit: School): Decision {
  if (unit.tier === 'SCHOOL' && stageFits(stage, unit)) return accepted();
  return refused(
    'TEACHER-STAGE',
    `学段 ${stage} 与单位 ${unit.code} 不符。`,
    `The stage ${stage} does not fit the unit ${unit.code}.`,
  );
}

/** A transfer goes to another school, after the present post began, at most a year ahead. */
export function mayTransfer(move: {
  teacher: Pick<Teacher, 'stage'>;
  post: Pick<Post, 'unitCode' | 'from'>;
  unit: School;
  stage: Stage;
  on: string;
  today: string;
}): Decision {
  const { teacher, post, unit, stage, on, today } = move;
  if (unit.tier !== 'SCHOOL') {
    return refused(
      'TRANSFER-UNIT',
      `单位 ${unit.code} 不是学校。`,
      `Unit ${unit.code} is no school.`,
    );
  }
  if (unit.code === post.unitCode) {
    return refused(
      'TRANSFER-SAME',
      '该教师已在此单位。',
      'The teacher belongs to that unit already.',
    );
  }
  if (on <= post.from || on > yearsAfter(today, 1)) {
    return refused(
      'TRANSFER-DATE',
      `调动日期须晚于现任职起始日 ${post.from}，且不晚于今天起一年。`,
      `The day must be after ${post.from}, when the present post began, and at most a year ahead.`,
    );
  }
  if (stage !== teacher.stage && on > today) {
    return refused(
      'TRANSFER-STAGE-DATE',
      '改变学段的调动不能预先办理。',
      'A transfer that changes the stage cannot be dated ahead.',
    );
  }
  return fitsSchool(stage, unit);
}

/** A classification changes forward in time, never ahead of today. */
export function mayReclassify(change: { from: string; since: string; today: string }): Decision {
  if (change.from >= change.since && change.from <= change.today) return accepted();
  return refused(
    'CLASSIFICATION-DATE',
    `变更日期须在 ${change.since} 与 ${change.today} 之间。`,
    `The day must be from ${change.since} to ${change.today}.`,
  );
}

/** The last day of service lies within the present post and not in the future. */
export function mayRetire(end: { on: string; post: Pick<Post, 'from'>; today: string }): Decision {
  if (end.on >= end.post.from && end.on <= end.today) return accepted();
  return refused(
    'RETIRE-DATE',
    `离职日期须在 ${end.post.from} 与 ${end.today} 之间。`,
    `The last day must be from ${end.post.from} to ${end.today}.`,
  );
}

/**
 * ID numbers that one account may see in a day. Whoever checks single persons needs a few; a
 * stolen account that collects them is stopped and seen.
 */
export const MOST_REVEALS_A_DAY = 30;

/** An ID number that is there, to an account that has not seen too many today. */
export function mayReveal(reveal: { today: number; erased: boolean }): Decision {
  if (reveal.erased) {
    return refused('PERSON-ERASED', '该人员的身份信息已删除。', 'What identified her was erased.');
  }
  if (reveal.today < MOST_REVEALS_A_DAY) return accepted();
  return refused(
    'REVEAL-DAILY-LIMIT',
    `每个账号每天最多查看 ${MOST_REVEALS_A_DAY} 个证件号码，请明日再试。`,
    `An account may see ${MOST_REVEALS_A_DAY} ID numbers a day: go on tomorrow.`,
  );
}

/** Someone whose service has ended, and who was not erased before. */
export function mayErase(erasure: {
  teacher: Pick<Teacher, 'retiredOn' | 'erasedAt'>;
  post: Pick<Post, 'to'>;
  today: string;
}): Decision {
  const { teacher, post, today } = erasure;
  if (teacher.erasedAt !== null) {
    return refused('PERSON-ERASED', '该人员的身份信息已删除。', 'What identified her was erased.');
  }
  if (teacher.retiredOn !== null && post.to !== null && post.to < today) return accepted();
  return refused(
    'ERASE-IN-SERVICE',
    '该教师在职：请先办理离职，离职次日起方可删除。',
    'The teacher is in service: her service must have ended before today.',
  );
}
