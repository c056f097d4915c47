import type { View } from '@yanxiu/subgraph/rebuild/view';
import { assignmentHandlers } from './assignment.js';
import { orgUnitHandlers } from './org-unit.js';
import { policyHandlers } from './policy.js';

/** The local copy of the registry, as events alone build it. */
export const registryViews: readonly View[] = [
  { name: 'org-units', tables: ['org_unit', 'org_unit_parent'], handlers: orgUnitHandlers },
  { name: 'policies', tables: ['policy'], handlers: policyHandlers },
  { name: 'role-assignments', tables: ['role_assignment'], handlers: assignmentHandlers },
];
