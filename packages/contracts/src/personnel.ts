import { Type } from '@sinclair/typebox';
import { topic, type DataOf } from './contract.js';
import { p0, p1 } from './data-class.js';
import {
  Ladder,
  LocalDate,
  Instant,
  RuleId,
  Sector,
  Stage,
  Tier,
  UnitCode,
  Uuid,
  nullable,
  says,
} from './fields.js';

const orgUnit = topic('personnel.org-unit', 'OrgUnit code');
const teacher = topic('personnel.teacher', 'Teacher id');
const policy = topic('personnel.policy', 'parameter key');

/** A unit of the tree is known from `validFrom` on, under its first parent. */
export const orgUnitRegistered = orgUnit(
  'org-unit.registered',
  Type.Object(
    p0({
      code: UnitCode,
      name: Type.String(),
      tier: Tier,
      sector: says(nullable(Sector), 'Only for tier SCHOOL.'),
      stage: nullable(Stage),
      parentCode: nullable(UnitCode),
      validFrom: LocalDate,
    }),
  ),
);

/** The unit has another parent from `validFrom` on. */
export const orgUnitMoved = orgUnit(
  'org-unit.moved',
  Type.Object(p0({ code: UnitCode, parentCode: UnitCode, validFrom: LocalDate })),
);

const classification = {
  stage: Stage,
  subject: nullable(Type.String()),
  ladder: Ladder,
  roles: Type.Array(Type.String()),
};

export const teacherRegistered = teacher(
  'teacher.registered',
  Type.Object(
    p1({
      teacherId: Uuid,
      unitCode: UnitCode,
      sector: Sector,
      ...classification,
      hiredOn: says(LocalDate, 'First day of service in the first post.'),
    }),
  ),
);

/** Classification changed (R6); the post stays. */
export const teacherChanged = teacher(
  'teacher.changed',
  Type.Object(
    p1({
      teacherId: Uuid,
      ...classification,
      from: LocalDate,
    }),
  ),
);

/** A new post from `on` on; the old post ends the day before. */
export const teacherTransferred = teacher(
  'teacher.transferred',
  Type.Object(
    p1({
      teacherId: Uuid,
      fromUnitCode: UnitCode,
      toUnitCode: UnitCode,
      sector: Sector,
      stage: Stage,
      on: LocalDate,
    }),
  ),
);

/** `on` is the last day of service. */
export const teacherRetired = teacher(
  'teacher.retired',
  Type.Object(
    p1({
      teacherId: Uuid,
      unitCode: UnitCode,
      on: LocalDate,
    }),
  ),
);

/**
 * One version of one parameter. Never edited: a later version with the same key and the same
 * scope takes over from its `validFrom`.
 */
export const policyPublished = policy(
  'policy.published',
  Type.Object(
    p0({
      key: says(Type.String(), 'Dotted name, e.g. hours.basic.annual.'),
      version: Type.Integer({ minimum: 1 }),
      value: says(Type.Unknown(), 'Any JSON value; numbers are integers in `unit`.'),
      unit: says(Type.String(), 'e.g. centihours, minutes, permille, basis-points, enum.'),
      validFrom: LocalDate,
      validTo: nullable(LocalDate),
      scopeCode: says(
        nullable(UnitCode),
        'The unit whose subtree the version holds for; null: the whole province.',
      ),
      rules: says(Type.Array(RuleId), 'The rules that read it.'),
      instrument: Type.String(),
      article: Type.String(),
      quotation: Type.String(),
      publishedAt: Instant,
    }),
  ),
);

export type OrgUnitRegistered = DataOf<typeof orgUnitRegistered>;
export type OrgUnitMoved = DataOf<typeof orgUnitMoved>;
export type TeacherRegistered = DataOf<typeof teacherRegistered>;
export type TeacherChanged = DataOf<typeof teacherChanged>;
export type TeacherTransferred = DataOf<typeof teacherTransferred>;
export type TeacherRetired = DataOf<typeof teacherRetired>;
export type PolicyPublished = DataOf<typeof policyPublished>;
