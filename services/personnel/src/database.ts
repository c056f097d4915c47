import { RoleAssignment } from './authority/entity.js';
import { OrgUnit, OrgUnitParent } from './org-unit/entity.js';
import { Policy, PolicyInstrument } from './policy/entity.js';
import { Classification, Post, Teacher } from './teacher/entity.js';
import { Personnel1700000000001 } from './migrations/0001-personnel.js';
import { Authority1700000000002 } from './migrations/0002-authority.js';

export const entities = [
  OrgUnit,
  OrgUnitParent,
  Teacher,
  Classification,
  Post,
  Policy,
  PolicyInstrument,
  RoleAssignment,
];

export const migrations = [Personnel1700000000001, Authority1700000000002];

/** Published versions and their documents are never edited. */
export const appendOnly = ['policy', 'instrument'];
