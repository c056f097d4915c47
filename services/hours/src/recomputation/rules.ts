/** What of the recorded a parameter decides: recognition of causes, verdicts, or both. */
export interface Touches {
  decisions: boolean;
  verdicts: boolean;
}

const DECISIONS: Touches = { decisions: true, verdicts: false };
const VERDICTS: Touches = { decisions: false, verdicts: true };
const NOTHING: Touches = { decisions: false, verdicts: false };

const TOUCHES: Readonly<Record<string, Touches>> = {
  'hours.minutesPerHour': DECISIONS,
  'hours.dayCap': DECISIONS,
  'hours.sourceCaps': DECISIONS,
  'hours.maxAbsenceShare': DECISIONS,
  'hours.registrarRank': DECISIONS,
  'hours.basic.annual': VERDICTS,
  'hours.vocational.annual': VERDICTS,
  'hours.higher.annual': VERDICTS,
  'hours.proration': VERDICTS,
  // Caps over a cycle are counted in it.
  'hours.cycle': { decisions: true, verdicts: true },
  // Dates until which something is to be done: what was done stays done.
  'hours.claims': NOTHING,
  'hours.dueTraining': NOTHING,
};

/** What a parameter touches; one that is not listed may touch anything. */
export const touchesOf = (key: string): Touches =>
  TOUCHES[key] ?? { decisions: key.startsWith('hours.'), verdicts: key.startsWith('hours.') };

export const touchesAny = ({ decisions, verdicts }: Touches): boolean => decisions || verdicts;

/** When and where a version holds. */
export interface Reach {
  key: string;
  validFrom: string;
  validTo: string | null;
  scopeCode: string | null;
}

const LAST_DAY = '9999-12-31';

/** Days on which a cause that begins is decided by the version; years whose end it judges. */
export function reachOf({ key, validFrom, validTo, scopeCode }: Reach) {
  const to = validTo ?? LAST_DAY;
  const endYear = Number(to.slice(0, 4));
  return {
    ...touchesOf(key),
    scopeCode,
    from: validFrom,
    to,
    fromYear: Number(validFrom.slice(0, 4)),
    toYear: to.endsWith('-12-31') ? endYear : endYear - 1,
  };
}
