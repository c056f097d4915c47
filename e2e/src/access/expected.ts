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
 * another's; nothing.
 */
export type Meets = 'ALL' | 'OWN' | 'NOTHING';

const row = (classes: Partial<Record<DataClass, Meets>>): Record<DataClass, Meets> => ({
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
  OPERATION: 'NOTHING',
  AUDIT: 'NOTHING',
  ...classes,
});

const officer = row({
  REGISTER: 'ALL',
  PROJECT: 'OWN',
  RECORD: 'OWN',
  FIGURES: 'OWN',
  NAME: 'OWN',
  IDENTITY: 'OWN',
  MONEY: 'OWN',
  EVALUATION: 'OWN',
  RATING: 'ALL',
});

/**
 * Written from domain.md §1 and §5 and the issue that asks for it ("a county officer sees a
 * county, a teacher sees herself, an institution sees its participants and no ID number, an
 * analyst sees figures of her jurisdiction"), not from what the platform answers.
 */
export const EXPECTED: Record<Persona, Record<DataClass, Meets>> = {
  anyone: row({ AUTHORITY: 'NOTHING' }),
  // "no business decision, no personal data"
  platform: row({ OPERATION: 'ALL' }),
  'province-officer': officer,
  'city-officer': officer,
  'county-officer': officer,
  'school-coordinator': officer,
  'institution-staff': row({
    REGISTER: 'OWN',
    PROJECT: 'OWN',
    RECORD: 'OWN',
    NAME: 'OWN',
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
  evaluator: row({ REGISTER: 'ALL', PROJECT: 'OWN', EVALUATION: 'OWN' }),
  'finance-officer': row({
    REGISTER: 'ALL',
    PROJECT: 'OWN',
    FIGURES: 'OWN',
    MONEY: 'OWN',
    EVALUATION: 'OWN',
    RATING: 'ALL',
  }),
  auditor: { ...officer, IDENTITY: 'NOTHING', AUDIT: 'OWN' },
  analyst: { ...officer, IDENTITY: 'NOTHING' },
};
