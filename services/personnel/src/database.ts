import { RoleAssignment } from './authority/entity.js';
import type { Unfenced } from '@yanxiu/subgraph/row-security';
import { Leave } from './leave/entity.js';
import { OrgUnit, OrgUnitParent } from './org-unit/entity.js';
import { Policy, PolicyInstrument } from './policy/entity.js';
import { Classification, Post, Teacher } from './teacher/entity.js';
import { Personnel1700000000001 } from './migrations/0001-personnel.js';
import { Authority1700000000002 } from './migrations/0002-authority.js';
import { Privacy1700000000010 } from './migrations/0003-privacy.js';
import { RowSecurity1700000000011 } from './migrations/0004-row-security.js';
import { PolicyDrafts1700000000012 } from './migrations/0005-policy-drafts.js';
import { Leave1700000000013 } from './migrations/0006-leave.js';

export const entities = [
  OrgUnit,
  OrgUnitParent,
  Teacher,
  Classification,
  Post,
  Leave,
  Policy,
  PolicyInstrument,
  RoleAssignment,
];

export const migrations = [
  Personnel1700000000001,
  Authority1700000000002,
  Privacy1700000000010,
  RowSecurity1700000000011,
  PolicyDrafts1700000000012,
  Leave1700000000013,
];

/** Drafts, published versions, their documents and the audit log are never edited. */
export const appendOnly = ['audit', 'policy', 'instrument', 'policy_draft', 'policy_draft_end'];

/** Tables that need no row-level security, and why. */
export const unfenced: Unfenced = { instrument: 'published documents, readable without login' };
