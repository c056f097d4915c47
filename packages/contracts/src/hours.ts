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
  says,
} from './fields.js';

const decision = topic('hours.decision', 'cause id (participation, filing or claim)');
const compliance = topic('hours.compliance', 'Teacher id');

const claim = topic('hours.claim', 'Claim id');

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

const claimData = {
  ...p1({ claimId: Uuid, teacherId: Uuid, unitCode: UnitCode, registrarCode: UnitCode }),
  ...p1({ source: says(Type.String(), 'e.g. SELF_STUDY, EXTERNAL, DEGREE; the list grows.') }),
  ...p0({ at: Instant }),
};

/** A claim waits for the school's check. */
export const claimSubmitted = claim('claim.submitted', Type.Object(claimData));
/**
 * What holds on a claim from now on: the registrar's refusal, or what the rules made of it. Told
 * again, with all that holds then, whenever that changes.
 */
export const claimDecided = claim(
  'claim.decided',
  Type.Object({
    ...claimData,
    ...p1({
      decisionId: says(nullable(Uuid), "Null: the registrar's refusal."),
      outcome: literals(['CREDITED', 'REFUSED']),
      rule: says(nullable(RuleId), 'What refuses it; null when credited.'),
    }),
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
export type ClaimSubmitted = DataOf<typeof claimSubmitted>;
export type ClaimDecided = DataOf<typeof claimDecided>;
export type ComplianceChanged = DataOf<typeof complianceChanged>;
