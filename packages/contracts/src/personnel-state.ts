import { Type } from '@sinclair/typebox';
import { snapshotOn, type DataOf } from './contract.js';
import { p0, p1 } from './data-class.js';
import {
  Ladder,
  LocalDate,
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

/** A unit with every parent that it has or will have. */
export const orgUnitSnapshot = snapshotOn(
  'personnel.org-unit',
  'OrgUnit code',
  Type.Object(
    p0({
      code: UnitCode,
      name: Type.String(),
      tier: Tier,
      sector: says(nullable(Sector), 'Only for tier SCHOOL.'),
      stage: nullable(Stage),
      parents: says(
        Type.Array(Type.Object({ parentCode: nullable(UnitCode), validFrom: LocalDate })),
        'In the order told; of those that hold on a day the latest `validFrom` counts.',
      ),
    }),
  ),
);

/** A teacher's working record, without a name. */
export const teacherSnapshot = snapshotOn(
  'personnel.teacher',
  'Teacher id',
  Type.Object(
    p1({
      teacherId: Uuid,
      hiredOn: says(LocalDate, 'First day of service in the first post.'),
      retiredOn: says(nullable(LocalDate), 'Last day of service; null while it is not known.'),
      posts: says(
        Type.Array(
          Type.Object({ unitCode: UnitCode, sector: Sector, stage: Stage, from: LocalDate }),
        ),
        'In the order told; a post ends the day before the next begins.',
      ),
      classifications: says(
        Type.Array(
          Type.Object({
            stage: Stage,
            subject: nullable(Type.String()),
            ladder: Ladder,
            roles: Type.Array(Type.String()),
            from: LocalDate,
          }),
        ),
        'In the order told; the later `from` counts.',
      ),
      leaves: says(
        Type.Optional(Type.Array(Type.Object(leave))),
        'In the order told; of one `leaveId` the last counts. Left out while there was none.',
      ),
    }),
  ),
);

/** A parameter with every version of it. */
export const policySnapshot = snapshotOn(
  'personnel.policy',
  'parameter key',
  Type.Object(
    p0({
      key: says(Type.String(), 'Dotted name, e.g. hours.basic.annual.'),
      versions: Type.Array(Type.Object(policyVersion)),
    }),
  ),
);

export type OrgUnitSnapshot = DataOf<typeof orgUnitSnapshot>;
export type TeacherSnapshot = DataOf<typeof teacherSnapshot>;
export type PolicySnapshot = DataOf<typeof policySnapshot>;
