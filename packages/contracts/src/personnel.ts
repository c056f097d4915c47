import { Type } from '@sinclair/typebox';
import { topic, type DataOf } from './contract.js';
import {
  Ladder,
  LocalDate,
  Instant,
  Sector,
  Stage,
  Tier,
  UnitCode,
  Uuid,
  nullable,
} from './fields.js';

const orgUnit = topic('personnel.org-unit', 'OrgUnit code', 'P0');
const teacher = topic('personnel.teacher', 'Teacher id', 'P1');
const policy = topic('personnel.policy', 'parameter key', 'P0');

/** A unit of the tree is known from `validFrom` on, under its first parent. */
export const orgUnitRegistered = orgUnit(
  'org-unit.registered',
  Type.Object({
    code: UnitCode,
    name: Type.String(),
    tier: Tier,
    /** Only for tier SCHOOL. */
    sector: nullable(Sector),
    stage: nullable(Stage),
    parentCode: nullable(UnitCode),
    validFrom: LocalDate,
  }),
);

/** The unit has another parent from `validFrom` on. */
export const orgUnitMoved = orgUnit(
  'org-unit.moved',
  Type.Object({
    code: UnitCode,
    parentCode: UnitCode,
    validFrom: LocalDate,
  }),
);

const classification = {
  stage: Stage,
  subject: nullable(Type.String()),
  ladder: Ladder,
  roles: Type.Array(Type.String()),
};

export const teacherRegistered = teacher(
  'teacher.registered',
  Type.Object({
    teacherId: Uuid,
    unitCode: UnitCode,
    sector: Sector,
    ...classification,
    /** First day of service in the first post. */
    hiredOn: LocalDate,
  }),
);

/** Classification changed (R6); the post stays. */
export const teacherChanged = teacher(
  'teacher.changed',
  Type.Object({
    teacherId: Uuid,
    ...classification,
    from: LocalDate,
  }),
);

/** A new post from `on` on; the old post ends the day before. */
export const teacherTransferred = teacher(
  'teacher.transferred',
  Type.Object({
    teacherId: Uuid,
    fromUnitCode: UnitCode,
    toUnitCode: UnitCode,
    sector: Sector,
    stage: Stage,
    on: LocalDate,
  }),
);

/** `on` is the last day of service. */
export const teacherRetired = teacher(
  'teacher.retired',
  Type.Object({
    teacherId: Uuid,
    unitCode: UnitCode,
    on: LocalDate,
  }),
);

/**
 * One version of one parameter. Never edited: a later version with the same key and the same
 * scope takes over from its `validFrom`.
 */
export const policyPublished = policy(
  'policy.published',
  Type.Object({
    /** Dotted name, e.g. `hours.basic.annual`. */
    key: Type.String(),
    version: Type.Integer({ minimum: 1 }),
    /** Any JSON value; numbers are integers in `unit`. */
    value: Type.Unknown(),
    /** e.g. `centihours`, `minutes`, `permille`, `basis-points`, `enum`. */
    unit: Type.String(),
    validFrom: LocalDate,
    validTo: nullable(LocalDate),
    /** The unit whose subtree the version holds for; null: the whole province. */
    scopeCode: nullable(UnitCode),
    /** Rule ids of domain.md §4 that read it. */
    rules: Type.Array(Type.String()),
    instrument: Type.String(),
    article: Type.String(),
    quotation: Type.String(),
    publishedAt: Instant,
  }),
);

export type OrgUnitRegistered = DataOf<typeof orgUnitRegistered>;
export type OrgUnitMoved = DataOf<typeof orgUnitMoved>;
export type TeacherRegistered = DataOf<typeof teacherRegistered>;
export type TeacherChanged = DataOf<typeof teacherChanged>;
export type TeacherTransferred = DataOf<typeof teacherTransferred>;
export type TeacherRetired = DataOf<typeof teacherRetired>;
export type PolicyPublished = DataOf<typeof policyPublished>;
