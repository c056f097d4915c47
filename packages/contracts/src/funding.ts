import { Type } from '@sinclair/typebox';
import { topic, type DataOf } from './contract.js';
import { p0 } from './data-class.js';
import { Bilingual, Fen, Instant, RuleId, UnitCode, Uuid, Year, says } from './fields.js';

const projectFunds = topic('funding.project-funds', 'TrainingProject id');
const requirement = topic('funding.requirement', 'OrgUnit code and fiscal year, CODE:YEAR');

const fundsData = p0({
  projectId: Uuid,
  requestId: says(Uuid, 'The submission that is answered.'),
  unitCode: UnitCode,
  fiscalYear: Year,
  amountFen: Fen,
  at: Instant,
});
export const fundsReserved = projectFunds('funds.reserved', Type.Object(fundsData));
export const fundsRefused = projectFunds(
  'funds.refused',
  Type.Object({
    ...fundsData,
    ...p0({ rule: RuleId, reason: Bilingual }),
  }),
);
export const fundsCommitted = projectFunds(
  'funds.committed',
  Type.Object({
    ...fundsData,
    ...p0({ commitmentId: Uuid }),
  }),
);
/** What was reserved or committed and is not paid is free again. */
export const fundsReleased = projectFunds('funds.released', Type.Object(fundsData));

const requirementData = Type.Object(
  p0({
    unitCode: UnitCode,
    fiscalYear: Year,
    rule: says(RuleId, 'FUND-GOV, FUND-SCHOOL or FUND-HIGHER.'),
    requiredFen: Fen,
    budgetedFen: Fen,
    shortfallFen: Fen,
    at: Instant,
  }),
);
export const shortfallFound = requirement('shortfall.found', requirementData);
export const shortfallCleared = requirement('shortfall.cleared', requirementData);

export type FundsReserved = DataOf<typeof fundsReserved>;
export type FundsRefused = DataOf<typeof fundsRefused>;
export type FundsCommitted = DataOf<typeof fundsCommitted>;
export type FundsReleased = DataOf<typeof fundsReleased>;
export type ShortfallFound = DataOf<typeof shortfallFound>;
