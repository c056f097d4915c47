/** Roles that a token can carry (domain.md §1). An OFFICER's tier is that of the unit acted for. */
export const ROLES = [
  'PLATFORM',
  'OFFICER',
  'COORDINATOR',
  'INSTITUTION',
  'TEACHER',
  'EVALUATOR',
  'FINANCE',
  'AUDITOR',
  'ANALYST',
] as const;

export type Role = (typeof ROLES)[number];

/** Who acts, as a verified token says. */
export interface Actor {
  /** Subject of the token; names the account, never a person. */
  subject: string;
  role: Role;
  /** Code of the OrgUnit acted for: its subtree is the jurisdiction. */
  unit: string;
  /** TrainingInstitution code, for INSTITUTION. */
  institution?: string;
  /** Teacher id, for TEACHER. */
  teacher?: string;
}
