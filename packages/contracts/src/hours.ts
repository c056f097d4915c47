import { Type } from '@sinclair/typebox';
import { topic, type DataOf } from './contract.js';
import { Bilingual, Centihours, Instant, UnitCode, Uuid, Year, literals } from './fields.js';

const decision = topic('hours.decision', 'cause id (participation, filing or claim)', 'P1');
const compliance = topic('hours.compliance', 'Teacher id', 'P1');

const decisionData = {
  causeId: Uuid,
  decisionId: Uuid,
  teacherId: Uuid,
  projectId: Uuid,
  enrolmentId: Uuid,
  at: Instant,
};
const entries = Type.Array(Type.Object({ entryId: Uuid, year: Year, centihours: Centihours }));

/** The cause is accepted; one entry for each calendar year that it touches (HOURS-ONCE). */
export const hoursCredited = decision('hours.credited', Type.Object({ ...decisionData, entries }));
export const hoursRefused = decision(
  'hours.refused',
  Type.Object({
    ...decisionData,
    rule: Type.String(),
    reason: Bilingual,
  }),
);
/** An earlier decision is taken back by entries that name the old ones; a new decision follows. */
export const hoursReversed = decision(
  'hours.reversed',
  Type.Object({
    ...decisionData,
    reversedDecisionId: Uuid,
    reason: Bilingual,
    entries,
  }),
);

/** A teacher's verdict for a year is another than before. */
export const complianceChanged = compliance(
  'compliance.changed',
  Type.Object({
    teacherId: Uuid,
    unitCode: UnitCode,
    year: Year,
    verdict: literals(['MET', 'SHORT', 'NOT_REGULATED', 'EXEMPT']),
    centihours: Centihours,
    requiredCentihours: Type.Union([Centihours, Type.Null()]),
    at: Instant,
  }),
);

export type HoursCredited = DataOf<typeof hoursCredited>;
export type HoursRefused = DataOf<typeof hoursRefused>;
export type HoursReversed = DataOf<typeof hoursReversed>;
export type ComplianceChanged = DataOf<typeof complianceChanged>;
