import { ROLES, type Actor, type Role } from './actor.js';

/**
 * Classes of what the graph shows. Each object type names its own by `@access(data:)`, a field
 * that differs from its type another. P0–P2 are the classes of personal data of the event
 * catalogue.
 */
export const DATA_CLASSES = [
  /** The tree, the policies, the instruments of evaluation: readable without login (R20). */
  'PUBLIC',
  /** The directory of institutions with accreditations and suspensions. */
  'REGISTER',
  /** Plans, projects and how they run; no person. */
  'PROJECT',
  /** A teacher's working record, enrolments and hours under her id (P1). */
  'RECORD',
  /** Figures over the records of a unit. */
  'FIGURES',
  /** A teacher's name (P2). */
  'NAME',
  /** What identifies a teacher to others: the ID number (P2). */
  'IDENTITY',
  /** Budgets, commitments, payments, requirements. */
  'MONEY',
  /** What evaluations say. */
  'EVALUATION',
  /** Ratings of institutions, evidence wherever they are selected (EVAL-USED). */
  'RATING',
  /** Who holds which role for which unit; who drafts and publishes which parameter. */
  'AUTHORITY',
  /** Events, dead letters: the installation's own state. */
  'OPERATION',
  /** Who wrote what, and who read personal data. */
  'AUDIT',
] as const;

export type DataClass = (typeof DATA_CLASSES)[number];

/**
 * How far a role reaches into a class: everything; the actor's subtree of units; the projects
 * that the actor takes part in; what is open to every teacher and agency; the actor's own; the
 * actor's subtree with the name masked; nothing.
 */
export type Reach = 'ALL' | 'SUBTREE' | 'PARTY' | 'OPEN' | 'SELF' | 'MASKED' | 'NONE';

const NOTHING = Object.fromEntries(DATA_CLASSES.map((data) => [data, 'NONE'])) as Record<
  DataClass,
  Reach
>;

/** What an account holds itself it sees before it has said in which role it acts. */
const HERSELF: Record<DataClass, Reach> = { ...NOTHING, PUBLIC: 'ALL', AUTHORITY: 'SELF' };

const SIGNED_IN: Record<DataClass, Reach> = { ...HERSELF, REGISTER: 'ALL' };

/** Whoever answers for a subtree of units, and for the teachers in it. */
const RESPONSIBLE: Record<DataClass, Reach> = {
  ...SIGNED_IN,
  PROJECT: 'SUBTREE',
  RECORD: 'SUBTREE',
  FIGURES: 'SUBTREE',
  NAME: 'SUBTREE',
  IDENTITY: 'SUBTREE',
  MONEY: 'SUBTREE',
  EVALUATION: 'SUBTREE',
  RATING: 'ALL',
  AUTHORITY: 'SUBTREE',
};

/** Who may read what (domain.md §1): the one table that the whole graph is held to. */
export const REACH: Record<Role | 'ANYONE', Record<DataClass, Reach>> = {
  ANYONE: HERSELF,
  PLATFORM: { ...HERSELF, OPERATION: 'ALL' },
  OFFICER: RESPONSIBLE,
  COORDINATOR: RESPONSIBLE,
  AUDITOR: { ...RESPONSIBLE, NAME: 'MASKED', IDENTITY: 'NONE', AUDIT: 'SUBTREE' },
  ANALYST: { ...RESPONSIBLE, NAME: 'MASKED', IDENTITY: 'NONE', AUTHORITY: 'SELF' },
  FINANCE: {
    ...RESPONSIBLE,
    RECORD: 'NONE',
    FIGURES: 'NONE',
    NAME: 'NONE',
    IDENTITY: 'NONE',
    AUTHORITY: 'SELF',
  },
  INSTITUTION: {
    ...SIGNED_IN,
    REGISTER: 'SELF',
    PROJECT: 'PARTY',
    RECORD: 'PARTY',
    NAME: 'MASKED',
    EVALUATION: 'PARTY',
    RATING: 'SELF',
  },
  EVALUATOR: { ...SIGNED_IN, PROJECT: 'OPEN', EVALUATION: 'PARTY' },
  TEACHER: {
    ...SIGNED_IN,
    PROJECT: 'OPEN',
    RECORD: 'SELF',
    NAME: 'SELF',
    IDENTITY: 'SELF',
    AUDIT: 'SELF',
    EVALUATION: 'OPEN',
  },
};

/** How far the actor reaches; someone without login reaches what is public. */
export const reachOf = (actor: Pick<Actor, 'role'> | null, data: DataClass): Reach =>
  REACH[actor?.role ?? 'ANYONE'][data];

export const isDataClass = (text: unknown): text is DataClass =>
  (DATA_CLASSES as readonly unknown[]).includes(text);

/** Who may use a mutation: roles, or ANYONE without login. */
export const isActing = (text: unknown): text is Role | 'ANYONE' =>
  text === 'ANYONE' || (ROLES as readonly unknown[]).includes(text);
