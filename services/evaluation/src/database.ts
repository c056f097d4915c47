import type { Unfenced } from '@yanxiu/subgraph/row-security';
import { AgencyAssessment } from './agency/entity.js';
import { Instrument } from './instrument/entity.js';
import { Evaluation1700000000001 } from './migrations/0001-evaluation.js';
import { EligibilityByEnrolment1700000000002 } from './migrations/0002-eligibility.js';
import { Authority1700000000003 } from './migrations/0003-authority.js';
import { AuditOfReads1700000000010 } from './migrations/0004-audit-of-reads.js';
import { RowSecurity1700000000011 } from './migrations/0005-row-security.js';
import { ProjectEvaluation } from './project/entity.js';
import { InstitutionRating } from './rating/entity.js';
import { Supervision } from './supervision/entity.js';

export const entities = [
  ProjectEvaluation,
  Instrument,
  AgencyAssessment,
  Supervision,
  InstitutionRating,
];

export const migrations = [
  Evaluation1700000000001,
  EligibilityByEnrolment1700000000002,
  Authority1700000000003,
  AuditOfReads1700000000010,
  RowSecurity1700000000011,
];

/** Never edited: a later version or rating is a new row. */
export const appendOnly = ['audit', 'instrument', 'institution_rating'];

/** Tables that need no row-level security, and why. */
export const unfenced: Unfenced = { instrument: 'published, readable without login' };
