import type { DataClass } from '@yanxiu/subgraph/access';

export type Persona =
  | 'anyone'
  | 'platform'
  | 'province-officer'
  | 'city-officer'
  | 'county-officer'
  | 'school-coordinator'
  | 'institution-staff'
  | 'teacher'
  | 'evaluator'
  | 'finance-officer'
  | 'auditor'
  | 'analyst';

/**
 * How a persona meets a class of data: all of it; what lies in its own reach and nothing of
 * another's; the same, masked; nothing.
 */
export type Meets = 'ALL' | 'OWN' | 'MASKED' | 'NOTHING';

const row = (classes: Partial<Record<DataClass, Meets>>): Record<DataClass, Meets> => ({
  // R20, R138: readable without login.
  PUBLIC: 'ALL',
  REGISTER: 'NOTHING',
  PROJECT: 'NOTHING',
  RECORD: 'NOTHING',
  FIGURES: 'NOTHING',
  NAME: 'NOTHING',
  IDENTITY: 'NOTHING',
  MONEY: 'NOTHING',
  EVALUATION: 'NOTHING',
  RATING: 'NOTHING',
  // Every account sees the roles that it holds itself.
  AUTHORITY: 'OWN',
  // "health, dead letters, keys" are the platform operator's.
  OPERATION: 'NOTHING',
  // The log is the auditor's; a person sees who looked at her.
  AUDIT: 'NOTHING',
  ...classes,
});

/** Whoever answers for a subtree of units, and for the teachers in it. */
const officer = row({
  REGISTER: 'ALL',
  PROJECT: 'OWN',
  RECORD: 'OWN',
  FIGURES: 'OWN',
  NAME: 'OWN',
  // Masked: the number in full comes from revealIdNumber alone.
  IDENTITY: 'MASKED',
  MONEY: 'OWN',
  EVALUATION: 'OWN',
  // EVAL-USED: evidence wherever institutions are selected.
  RATING: 'ALL',
});

/**
 * Written by hand from domain.md §1 and §5, the personas' table and the issue that asks for it ("a
 * county officer sees a county, a teacher sees herself, an institution sees its participants and
 * no ID number, an analyst sees figures of her jurisdiction"), not from what the platform answers.
 */
export const EXPECTED: Record<Persona, Record<DataClass, Meets>> = {
  anyone: row({ AUTHORITY: 'NOTHING' }),
  // "no business decision, no personal data"
  platform: row({ OPERATION: 'ALL' }),
  'province-officer': officer,
  'city-officer': officer,
  'county-officer': officer,
  'school-coordinator': officer,
  // "its participants and no ID number"; of itself what the directory and the ratings say.
  'institution-staff': row({
    REGISTER: 'OWN',
    PROJECT: 'OWN',
    RECORD: 'OWN',
    NAME: 'MASKED',
    EVALUATION: 'OWN',
    RATING: 'OWN',
  }),
  // Projects that are decided, and what their evaluation said, are open to every teacher.
  teacher: row({
    REGISTER: 'ALL',
    PROJECT: 'ALL',
    RECORD: 'OWN',
    NAME: 'OWN',
    IDENTITY: 'OWN',
    EVALUATION: 'ALL',
    AUDIT: 'OWN',
  }),
  // "score projects against a rubric": no person, no money. An evaluation that is open is open to
  // each agency, and so is its project from then on, as to every teacher (those walked are closed).
  evaluator: row({ REGISTER: 'ALL', PROJECT: 'ALL', EVALUATION: 'OWN' }),
  // "declarations, budgets, payments, shortfalls": no person, no hours.
  'finance-officer': row({
    REGISTER: 'ALL',
    PROJECT: 'OWN',
    MONEY: 'OWN',
    EVALUATION: 'OWN',
    RATING: 'ALL',
  }),
  // "trace every yuan", under pseudonyms.
  auditor: { ...officer, NAME: 'MASKED', IDENTITY: 'NOTHING', AUDIT: 'OWN' },
  analyst: { ...officer, NAME: 'MASKED', IDENTITY: 'NOTHING' },
};
