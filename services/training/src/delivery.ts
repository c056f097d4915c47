import type { SeedCommand } from '@yanxiu/subgraph/seed-role';
import type { Entity } from '@yanxiu/subgraph/database';
import type { Slice } from '@yanxiu/subgraph/service';
import { openTrainingClass } from './class/commands.js';
import { TrainingClass } from './class/entity.js';
import { resolvers as classResolvers } from './class/resolvers.js';
import { confirmEnrolments, withdrawEnrolment } from './enrolment/commands.js';
import { handlers as enrolmentHandlers } from './enrolment/consumers.js';
import { Enrolment } from './enrolment/entity.js';
import { resolvers as enrolmentResolvers } from './enrolment/resolvers.js';
import { nominateTeachers, withdrawNomination } from './nomination/commands.js';
import { Nomination } from './nomination/entity.js';
import { resolvers as nominationResolvers } from './nomination/resolvers.js';
import { completeTrainingClass } from './participation/commands.js';
import { Participation } from './participation/entity.js';
import { resolvers as participationResolvers } from './participation/resolvers.js';
import { allocateQuota } from './quota/commands.js';
import { Quota } from './quota/entity.js';
import { resolvers as quotaResolvers } from './quota/resolvers.js';
import { recordAttendance, scheduleSession } from './session/commands.js';
import { Attendance, Session } from './session/entity.js';
import { resolvers as sessionResolvers } from './session/resolvers.js';
import { handlers as teacherHandlers } from './teacher/consumers.js';
import { TeacherCopy } from './teacher/entity.js';
import { resolvers as teacherResolvers } from './teacher/resolvers.js';

/** The part of the service that delivers a project: from its classes to its participations. */
export const deliverySlices: readonly Slice[] = [
  { resolvers: teacherResolvers, handlers: teacherHandlers },
  { resolvers: classResolvers },
  { resolvers: quotaResolvers },
  { resolvers: nominationResolvers },
  { resolvers: enrolmentResolvers, handlers: enrolmentHandlers },
  { resolvers: sessionResolvers },
  { resolvers: participationResolvers },
];

export const deliveryEntities: readonly Entity[] = [
  TeacherCopy,
  TrainingClass,
  Quota,
  Nomination,
  Enrolment,
  Session,
  Attendance,
  Participation,
];

/** Named as in the audit. */
export const deliverySeedCommands: Readonly<Record<string, SeedCommand>> = {
  'class.open': openTrainingClass,
  'quota.allocate': allocateQuota,
  'nomination.nominate': nominateTeachers,
  'nomination.withdraw': withdrawNomination,
  'enrolment.confirm': confirmEnrolments,
  'enrolment.withdraw': withdrawEnrolment,
  'session.schedule': scheduleSession,
  'session.recordAttendance': recordAttendance,
  'participation.completeClass': completeTrainingClass,
};
