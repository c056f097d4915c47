import { Type } from '@sinclair/typebox';
import { topic, topicWithState, type DataOf } from './contract.js';
import { p0, p1 } from './data-class.js';
import {
  Instant,
  Ladder,
  LocalDate,
  Role,
  Sector,
  Stage,
  Tier,
  UnitCode,
  Uuid,
  leave,
  nullable,
  policyVersion,
  says,
} from './fields.js';
import { orgUnitSnapshot, policySnapshot, teacherSnapshot } from './personnel-state.js';

const orgUnit = topicWithState(orgUnitSnapshot);
const teacher = topicWithState(teacherSnapshot);
const policy = topicWithState(policySnapshot);
const roleAssignment = topic('personnel.role-assignment', 'RoleAssignment id');

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
  ({ parentCode, validFrom, ...unit }) => ({ ...unit, parents: [{ parentCode, validFrom }] }),
);

/** The unit has another parent from `validFrom` on. */
export const orgUnitMoved = orgUnit(
  'org-unit.moved',
  Type.Object(p0({ code: UnitCode, parentCode: UnitCode, validFrom: LocalDate })),
  ({ parentCode, validFrom }) => ({ parents: [{ parentCode, validFrom }] }),
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
  ({ teacherId, unitCode, sector, hiredOn, ...classified }) => ({
    teacherId,
    hiredOn,
    retiredOn: null,
    posts: [{ unitCode, sector, stage: classified.stage, from: hiredOn }],
    classifications: [{ ...classified, from: hiredOn }],
  }),
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
  ({ teacherId: _, ...classified }) => ({ classifications: [classified] }),
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
  ({ toUnitCode: unitCode, sector, stage, on: from }) => ({
    posts: [{ unitCode, sector, stage, from }],
  }),
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
  ({ on }) => ({ retiredOn: on }),
);

/** A long leave as it now stands; why is told to nobody. */
export const leaveRecorded = teacher(
  'teacher.leave-recorded',
  Type.Object(
    p1({
      teacherId: Uuid,
      ...leave,
    }),
  ),
  ({ teacherId: _, ...told }) => ({ leaves: [told] }),
);

/** Nothing ties the pseudonym to a person any more; what is known under it stays. */
export const teacherErased = teacher(
  'teacher.erased',
  Type.Object(p1({ teacherId: Uuid, on: LocalDate })),
  () => ({}),
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
      ...policyVersion,
    }),
  ),
  ({ key, ...version }) => ({ key, versions: [version] }),
);

/** An account holds a role for a unit, from its first to its last day. */
export const roleAssigned = roleAssignment(
  'role-assignment.assigned',
  Type.Object(
    p1({
      assignmentId: Uuid,
      subject: says(Type.String(), "The account, as the identity provider's `sub` names it."),
      role: Role,
      unitCode: UnitCode,
      institutionCode: says(
        nullable(Type.String()),
        'The TrainingInstitution of INSTITUTION; the agency of EVALUATOR.',
      ),
      teacherId: says(nullable(Uuid), 'Only for TEACHER.'),
      validFrom: LocalDate,
      validTo: says(nullable(LocalDate), 'Last day; null: until it is ended.'),
    }),
  ),
);

/** The account holds the role no longer, from this instant on. */
export const roleEnded = roleAssignment(
  'role-assignment.ended',
  Type.Object(p1({ assignmentId: Uuid, endedAt: Instant })),
);

export type OrgUnitRegistered = DataOf<typeof orgUnitRegistered>;
export type OrgUnitMoved = DataOf<typeof orgUnitMoved>;
export type TeacherRegistered = DataOf<typeof teacherRegistered>;
export type TeacherChanged = DataOf<typeof teacherChanged>;
export type TeacherTransferred = DataOf<typeof teacherTransferred>;
export type TeacherRetired = DataOf<typeof teacherRetired>;
export type LeaveRecorded = DataOf<typeof leaveRecorded>;
export type TeacherErased = DataOf<typeof teacherErased>;
export type PolicyPublished = DataOf<typeof policyPublished>;
export type RoleAssigned = DataOf<typeof roleAssigned>;
export type RoleEnded = DataOf<typeof roleEnded>;
