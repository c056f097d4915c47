import { Type } from '@sinclair/typebox';
import { topic, type DataOf } from './contract.js';
import { Bilingual, Fen, Instant, UnitCode, Uuid, Year } from './fields.js';

const projectFunds = topic('funding.project-funds', 'TrainingProject id', 'P0');
const requirement = topic('funding.requirement', 'OrgUnit code and fiscal year, CODE:YEAR', 'P0');

const fundsData = {
  projectId: Uuid,
  /** The submission that is answered. */
  requestId: Uuid,
  unitCode: UnitCode,
  fiscalYear: Year,
  amountFen: Fen,
  at: Instant,
};
export const fundsReserved = projectFunds('funds.reserved', Type.Object(fundsData));
export const fundsRefused = projectFunds(
  'funds.refused',
  Type.Object({
    ...fundsData,
    rule: Type.String(),
    reason: Bilingual,
  }),
);
export const fundsCommitted = projectFunds(
  'funds.committed',
  Type.Object({
    ...fundsData,
    commitmentId: Uuid,
  }),
);
/** What was reserved or committed and is not paid is free again. */
export const fundsReleased = projectFunds('funds.released', Type.Object(fundsData));

const requirementData = Type.Object({
  unitCode: UnitCode,
  fiscalYear: Year,
  /** FUND-GOV, FUND-SCHOOL or FUND-HIGHER. */
  rule: Type.String(),
  requiredFen: Fen,
  budgetedFen: Fen,
  shortfallFen: Fen,
  at: Instant,
});
export const shortfallFound = requirement('shortfall.found', requirementData);
export const shortfallCleared = requirement('shortfall.cleared', requirementData);

export type FundsReserved = DataOf<typeof fundsReserved>;
export type FundsRefused = DataOf<typeof fundsRefused>;
export type FundsCommitted = DataOf<typeof fundsCommitted>;
export type FundsReleased = DataOf<typeof fundsReleased>;
export type ShortfallFound = DataOf<typeof shortfallFound>;
