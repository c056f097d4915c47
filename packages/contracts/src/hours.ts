import { Type } from '@sinclair/typebox';
import { topic, type DataOf } from './contract.js';
import { p0, p1 } from './data-class.js';
import {
  Bilingual,
  Centihours,
  Instant,
  RuleId,
  UnitCode,
  Uuid,
  Year,
  literals,
  nullable,
} from './fields.js';

const decision = topic('hours.decision', 'cause id (participation, filing or claim)');
const compliance = topic('hours.compliance', 'Teacher id');

const decisionData = {
  ...p1({ causeId: Uuid, decisionId: Uuid, teacherId: Uuid, enrolmentId: Uuid }),
  ...p0({ projectId: Uuid, at: Instant }),
};
const entries = p1({
  entries: Type.Array(Type.Object({ entryId: Uuid, year: Year, centihours: Centihours })),
});

/** The cause is accepted; one entry for each calendar year that it touches (HOURS-ONCE). */
export const hoursCredited = decision(
  'hours.credited',
  Type.Object({ ...decisionData, ...entries }),
);
export const hoursRefused = decision(
  'hours.refused',
  Type.Object({
    ...decisionData,
    ...p1({ rule: RuleId, reason: Bilingual }),
  }),
);
/** An earlier decision is taken back by entries that name the old ones; a new decision follows. */
export const hoursReversed = decision(
  'hours.reversed',
  Type.Object({
    ...decisionData,
    ...p1({ reversedDecisionId: Uuid, reason: Bilingual }),
    ...entries,
  }),
);

/** A teacher's verdict for a year is another than before. */
export const complianceChanged = compliance(
  'compliance.changed',
  Type.Object({
    ...p1({
      teacherId: Uuid,
      unitCode: UnitCode,
      year: Year,
      verdict: literals(['MET', 'SHORT', 'NOT_REGULATED', 'EXEMPT']),
      centihours: Centihours,
      requiredCentihours: nullable(Centihours),
    }),
    ...p0({ at: Instant }),
  }),
);

export type HoursCredited = DataOf<typeof hoursCredited>;
export type HoursRefused = DataOf<typeof hoursRefused>;
export type HoursReversed = DataOf<typeof hoursReversed>;
export type ComplianceChanged = DataOf<typeof complianceChanged>;
