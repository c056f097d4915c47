import { Type } from '@sinclair/typebox';
import { topic, type DataOf } from './contract.js';
import { p0 } from './data-class.js';
import {
  Bilingual,
  Fen,
  Instant,
  LocalDate,
  Modality,
  ProjectLevel,
  RuleId,
  Sector,
  UnitCode,
  Uuid,
  Year,
  nullable,
  says,
} from './fields.js';

const project = topic('training.project', 'TrainingProject id');

/** For whom a project is; an empty list means: any. */
const target = Type.Object({
  stages: Type.Array(Type.String()),
  subjects: Type.Array(Type.String()),
  ladders: Type.Array(Type.String()),
  roles: Type.Array(Type.String()),
});

/** What other services need to know of a project; every project event carries it. */
const projectData = p0({
  projectId: Uuid,
  name: Type.String(),
  level: ProjectLevel,
  sector: Sector,
  category: Type.String(),
  year: Year,
  organiserCode: UnitCode,
  delivererIds: Type.Array(Uuid),
  budgetFen: Fen,
  at: Instant,
  target: Type.Optional(
    says(target, 'For whom it is; an empty list means any. Older events leave it out.'),
  ),
});
const projectEvent = Type.Object(projectData);

export const projectSubmitted = project(
  'project.submitted',
  Type.Object({
    ...projectData,
    ...p0({ requestId: says(Uuid, 'Names this submission; the answer of funding repeats it.') }),
  }),
);
export const projectApproved = project('project.approved', projectEvent);
export const projectRejected = project(
  'project.rejected',
  Type.Object({
    ...projectData,
    ...p0({ reason: Type.String() }),
  }),
);
/** Back to DRAFT because funding refused (PROJECT-FUNDED) or did not answer in time. */
export const projectReturned = project(
  'project.returned',
  Type.Object({
    ...projectData,
    ...p0({ requestId: Uuid, rule: RuleId, reason: Bilingual }),
  }),
);
export const projectFiled = project('project.filed', projectEvent);
/** A school's filing is accepted (校本培训备案): its training counts (SCHOOL-FILING). */
export const projectAccepted = project('project.accepted', projectEvent);
export const projectSchemeApproved = project(
  'project.scheme-approved',
  Type.Object({
    ...projectData,
    ...p0({
      plannedCentihours: Type.Optional(
        says(
          Type.Integer({ minimum: 0 }),
          'Hours of the approved scheme, in hundredths. Older events leave it out.',
        ),
      ),
    }),
  }),
);
export const projectEnrolling = project('project.enrolling', projectEvent);
export const projectStarted = project('project.started', projectEvent);
export const projectSuspended = project(
  'project.suspended',
  Type.Object({
    ...projectData,
    ...p0({ reason: Type.String() }),
  }),
);
export const projectResumed = project('project.resumed', projectEvent);
/** Every enrolment has a decision on its hours. */
export const projectRecognised = project(
  'project.recognised',
  Type.Object({
    ...projectData,
    ...p0({
      participants: Type.Integer({ minimum: 0 }),
      creditedCentihours: Type.Integer({ minimum: 0 }),
    }),
  }),
);
export const projectEvaluated = project('project.evaluated', projectEvent);
export const projectClosed = project('project.closed', projectEvent);
export const projectCancelled = project(
  'project.cancelled',
  Type.Object({
    ...projectData,
    ...p0({ reason: Type.String() }),
  }),
);

/** A class (班次) of a project; told on the project's topic, so that it comes after the project. */
const classData = p0({ projectId: Uuid, classId: Uuid, at: Instant });

export const classOpened = project(
  'class.opened',
  Type.Object({
    ...classData,
    ...p0({
      startsOn: LocalDate,
      endsOn: LocalDate,
      capacity: Type.Integer({ minimum: 1 }),
      modality: Modality,
    }),
  }),
);
/** A session was put on the timetable of a class. */
export const classScheduled = project(
  'class.scheduled',
  Type.Object({
    ...classData,
    ...p0({
      plannedMinutes: says(
        Type.Integer({ minimum: 0 }),
        'Planned minutes of all its sessions so far.',
      ),
    }),
  }),
);
/** A unit has so many seats of a class from now on (名额分配). */
export const quotaAllocated = project(
  'quota.allocated',
  Type.Object({
    ...classData,
    ...p0({
      unitCode: UnitCode,
      sourceCode: says(
        nullable(UnitCode),
        "The unit whose quota was split; null: they come from the class's capacity.",
      ),
      seats: Type.Integer({ minimum: 0 }),
    }),
  }),
);
/** Nominations have taken, or given back, seats of a unit (选派). */
export const quotaUsed = project(
  'quota.used',
  Type.Object({
    ...classData,
    ...p0({
      unitCode: UnitCode,
      used: says(Type.Integer({ minimum: 0 }), 'Seats of its quota that are taken by now.'),
    }),
  }),
);

export type ProjectData = DataOf<typeof projectApproved>;
export type ProjectSubmitted = DataOf<typeof projectSubmitted>;
export type ProjectCancelled = DataOf<typeof projectCancelled>;
export type ProjectRecognised = DataOf<typeof projectRecognised>;
export type ClassOpened = DataOf<typeof classOpened>;
export type QuotaAllocated = DataOf<typeof quotaAllocated>;
