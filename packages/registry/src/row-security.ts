import type { Role } from '@yanxiu/subgraph/actor';
import { scopeRole } from '@yanxiu/subgraph/row-security';

/** Roles that answer for a subtree of units. */
export const RESPONSIBLE: readonly Role[] = [
  'OFFICER',
  'COORDINATOR',
  'FINANCE',
  'AUDITOR',
  'ANALYST',
];

/** As {@link RESPONSIBLE} for what a finance officer does not read: records of teachers. */
export const OVERSEERS = RESPONSIBLE.filter((role) => role !== 'FINANCE');

/** The place of the scope's unit in the tree; a migration runs it before it fences by unit. */
export const scopePath = `CREATE OR REPLACE FUNCTION scope_path() RETURNS text LANGUAGE sql
  STABLE PARALLEL SAFE AS $$ SELECT path FROM public.org_unit WHERE code = scope_unit() $$`;

// Called, not written out: it stands in a plan many times, of which few are run.
const PATH = '(SELECT scope_path())';
const END = "(SELECT scope_path() || '/')";

/** SQL for a policy: the path in `column` lies in the subtree of the scope's unit. */
export const withinScope = (column: string): string =>
  `(${column} >= ${PATH} AND ${column} < ${END})`;

/** SQL for a policy: the unit whose code is `code` lies in the subtree of the scope's unit. */
export const inSubtree = (code: string): string =>
  `EXISTS (SELECT FROM org_unit u WHERE u.code = ${code} AND ${withinScope('u.path')})`;

/** SQL for a policy: the scope's unit lies in the subtree of the unit whose code is `code`. */
export const above = (code: string): string =>
  `EXISTS (SELECT FROM org_unit u
    WHERE u.code = ${code} AND ${PATH} >= u.path AND ${PATH} < u.path || '/')`;

/** SQL for a policy: an actor in one of the roles, with the unit in its subtree. */
export const governs = (code: string, roles: readonly Role[] = RESPONSIBLE): string =>
  `(${scopeRole(...roles)} AND ${inSubtree(code)})`;

/**
 * SQL for a policy: as {@link governs} of the unit that a parameter holds for; null is the whole
 * province, which the root alone governs.
 */
export const overseesScope = (code: string, roles: readonly Role[]): string =>
  `(${scopeRole(...roles)} AND (${inSubtree(code)}
    OR (${code} IS NULL AND EXISTS (
      SELECT FROM org_unit u WHERE u.code = (SELECT scope_unit()) AND u.parent_code IS NULL))))`;
