import type { EntityManager } from 'typeorm';
import type { Role } from './actor.js';

const setting = (name: string): string => `nullif(current_setting('yanxiu.${name}', true), '')`;

const reader = (name: string, type: string, body: string, kind: 'STABLE' | 'IMMUTABLE'): string =>
  `CREATE OR REPLACE FUNCTION ${name}() RETURNS ${type} LANGUAGE sql ${kind} PARALLEL SAFE
    AS $$ SELECT ${body} $$`;

/**
 * What policies read of the scope that `scopedTo` sets. A service's migration runs these before it
 * fences its first table. In a policy each stands in a SELECT of its own: asked once a statement.
 *
 * `planned_role` is called immutable so that it is asked while a statement is planned, and what
 * cannot hold for that role drops out of the plan. It decides nothing: each branch that stays asks
 * `scope_role` when it runs, so that a plan kept from another scope finds less, never more.
 */
export const scopeFunctions: readonly string[] = [
  reader('planned_role', 'text', setting('role'), 'IMMUTABLE'),
  reader('scope_role', 'text', setting('role'), 'STABLE'),
  reader('scope_unit', 'text', setting('unit'), 'STABLE'),
  reader('scope_institution', 'text', setting('institution'), 'STABLE'),
  reader('scope_teacher', 'uuid', `${setting('teacher')}::uuid`, 'STABLE'),
];

/** SQL that holds when a test of the role does, in planning and in running. */
const ifRole = (test: string): string =>
  `(planned_role() ${test} AND (SELECT coalesce(scope_role() ${test}, false)))`;

/** SQL that holds for an actor in one of these roles. */
export const scopeRole = (...roles: readonly (Role | 'ANYONE')[]): string =>
  ifRole(`IN (${roles.map((role) => `'${role}'`).join(', ')})`);

/** SQL that holds for whoever has logged in, the platform's operator left out. */
export const SIGNED_IN = ifRole("NOT IN ('SYSTEM', 'ANYONE', 'PLATFORM')");

/** SQL that holds for a teacher whose id is in `column`. */
export const isSelf = (column: string): string =>
  `(${scopeRole('TEACHER')} AND ${column} = (SELECT scope_teacher()))`;

/**
 * Statements that put a table behind the fence, also for its owner: without a scope it has no
 * rows; SYSTEM reads and writes all; an actor reads those for which one of `reach` holds, and
 * writes none. In `reach` columns of the table are written with its name before them.
 */
export const fence = (table: string, ...reach: readonly string[]): string[] => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY scope_system ON ${table} USING (${ifRole("= 'SYSTEM'")})`,
  ...(reach.length > 0
    ? [`CREATE POLICY scope_reach ON ${table} FOR SELECT USING ${reachedBy(reach)}`]
    : []),
];

/** A statement that gives a fenced table another `reach`, as {@link fence} takes it. */
export const refence = (table: string, ...reach: readonly string[]): string =>
  `ALTER POLICY scope_reach ON ${table} USING ${reachedBy(reach)}`;

const reachedBy = (reach: readonly string[]): string =>
  `(planned_role() <> 'SYSTEM' AND (${reach.join(' OR ')}))`;

/** Tables of the mechanism and of public reference data: no fence, and why. */
const EXEMPT: Readonly<Record<string, string>> = {
  migrations: 'the schema, no data',
  outbox: 'written and read by commands, consumers and the relay alone',
  outbox_version: 'as the outbox',
  inbox: 'which events were taken: ids and numbers',
  inbox_taken: 'as the inbox',
  inbox_topic: 'names of topics',
  inbox_held: 'read by the consumer and the operator (PLATFORM)',
  dead_letter: 'as what is held',
  idempotency: 'keyed by the account; read by commands alone',
  audit: 'written with every command and read; audit/queries.ts alone reads it, by acting unit',
  org_unit: 'the tree is public (R20) and what policies compare paths in',
  org_unit_parent: 'as the tree',
  policy: 'published, readable without login (R20)',
};

/** What a service adds to the tables that need no fence: their names, each with the reason. */
export type Unfenced = Readonly<Record<string, string>>;

/**
 * What is wrong with the fence of a database, one line for each table; empty when every table of
 * `public` is behind it or on a list.
 */
export async function fenceProblems(
  manager: EntityManager,
  unfenced: Unfenced = {},
): Promise<string[]> {
  const rows: { name: string; fenced: boolean; policies: number }[] = await manager.query(
    `SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS fenced,
       (SELECT count(*)::int FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
     FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'm', 'v')
     ORDER BY 1`,
  );
  const exempt: Unfenced = { ...EXEMPT, ...unfenced };
  return rows.flatMap(({ name, fenced, policies }) => {
    const listed = exempt[name] !== undefined;
    if (fenced && policies > 0) return listed ? [`${name} is fenced: take it off the list`] : [];
    if (listed) return [];
    return [
      `${name} has no row-level security: add ...fence('${name}', <who reaches a row>) to the ` +
        'migration that creates it, or name it with its reason in `unfenced` of database.ts',
    ];
  });
}
