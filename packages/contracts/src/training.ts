import { Type } from '@sinclair/typebox';
import { topic, topicWithState, type DataOf } from './contract.js';
import { p0, p1 } from './data-class.js';
import {
  Instant,
  InstitutionKind,
  LocalDate,
  Minutes,
  Modality,
  ProjectLevel,
  Sector,
  UnitCode,
  Uuid,
  Year,
  nullable,
  says,
} from './fields.js';
import { institutionSnapshot } from './training-state.js';

export * from './training-project.js';

const plan = topic('training.annual-plan', 'AnnualPlan id');
const institution = topicWithState(institutionSnapshot);
const enrolment = topic('training.enrolment', 'Enrolment id');

const planData = Type.Object(
  p0({
    planId: Uuid,
    unitCode: UnitCode,
    year: Year,
    superiorCode: says(UnitCode, 'The unit above, with which the plan is filed (备案).'),
    at: Instant,
  }),
);
export const annualPlanFiled = plan('annual-plan.filed', planData);
export const annualPlanAccepted = plan('annual-plan.accepted', planData);
export const annualPlanReturned = plan(
  'annual-plan.returned',
  Type.Object({
    ...planData.properties,
    ...p0({ reason: Type.String() }),
  }),
);

export const institutionRegistered = institution(
  'institution.registered',
  Type.Object(
    p0({
      institutionId: Uuid,
      code: Type.String(),
      name: Type.String(),
      kind: InstitutionKind,
      at: Instant,
    }),
  ),
  ({ institutionId, code, name, kind }) => ({
    institutionId,
    code,
    name,
    kind,
    accreditations: [],
    standings: [],
  }),
);
export const institutionAccredited = institution(
  'institution.accredited',
  Type.Object(
    p0({
      institutionId: Uuid,
      accreditationId: Uuid,
      sectors: Type.Array(Sector),
      categories: Type.Array(Type.String()),
      validFrom: LocalDate,
      validTo: LocalDate,
      byUnitCode: UnitCode,
    }),
  ),
  ({ institutionId: _, ...accreditation }) => ({ accreditations: [accreditation] }),
);
export const institutionSuspended = institution(
  'institution.suspended',
  Type.Object(
    p0({
      institutionId: Uuid,
      byUnitCode: UnitCode,
      reason: Type.String(),
      citedRatingId: says(nullable(Uuid), 'The InstitutionRating cited as evidence (EVAL-USED).'),
      from: LocalDate,
    }),
  ),
  ({ institutionId: _, ...terms }) => ({ standings: [{ standing: 'SUSPENDED', ...terms }] }),
);
export const institutionReinstated = institution(
  'institution.reinstated',
  Type.Object(
    p0({
      institutionId: Uuid,
      byUnitCode: UnitCode,
      reason: Type.String(),
      from: LocalDate,
    }),
  ),
  ({ institutionId: _, ...terms }) => ({
    standings: [{ standing: 'REINSTATED', citedRatingId: null, ...terms }],
  }),
);

const enrolmentData = {
  ...p0({ projectId: Uuid, classId: Uuid, at: Instant }),
  ...p1({
    enrolmentId: Uuid,
    teacherId: Uuid,
    unitCode: says(UnitCode, "The participant's unit on that day."),
  }),
};
export const enrolmentConfirmed = enrolment('enrolment.confirmed', Type.Object(enrolmentData));
export const enrolmentWithdrawn = enrolment(
  'enrolment.withdrawn',
  Type.Object({
    ...enrolmentData,
    ...p1({ reason: Type.String() }),
  }),
);
/** A participant has finished; hours decides on it (the cause is `participationId`). */
export const participationCompleted = enrolment(
  'participation.completed',
  Type.Object({
    ...enrolmentData,
    ...p0({ level: ProjectLevel, category: Type.String() }),
    ...p1({
      participationId: Uuid,
      registrarCode: says(
        UnitCode,
        "The unit that registers the hours (登记): city, university or school's superior.",
      ),
      sessions: Type.Array(
        Type.Object({
          sessionId: Uuid,
          startsAt: Instant,
          endsAt: Instant,
          modality: Modality,
          plannedMinutes: Minutes,
          attendedMinutes: Minutes,
        }),
      ),
    }),
  }),
);

export type AnnualPlanFiled = DataOf<typeof annualPlanFiled>;
export type InstitutionRegistered = DataOf<typeof institutionRegistered>;
export type InstitutionAccredited = DataOf<typeof institutionAccredited>;
export type InstitutionSuspended = DataOf<typeof institutionSuspended>;
export type EnrolmentConfirmed = DataOf<typeof enrolmentConfirmed>;
export type ParticipationCompleted = DataOf<typeof participationCompleted>;
