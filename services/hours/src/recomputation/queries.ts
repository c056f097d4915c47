import type { EntityManager } from 'typeorm';
import { within } from '@yanxiu/registry/org-unit';
import { requireActor, type Context } from '@yanxiu/subgraph/context';
import { connectionOf, type Connection, type Page } from '@yanxiu/subgraph/pagination';
import { reachOf, type Reach } from './rules.js';

/**
 * SQL that holds for a teacher `t` of whom something recorded may be decided anew by one of the
 * versions in the JSON parameter `reaches`: a cause that begins while it holds, in a unit of its
 * scope; a year that ends while it holds, of one who was ever in a unit of its scope.
 */
export const touched = (reaches: string): string => `EXISTS (
  SELECT FROM jsonb_to_recordset(${reaches}::jsonb) AS r(decisions boolean, verdicts boolean,
    "scopeCode" text, "from" date, "to" date, "fromYear" integer, "toYear" integer)
  WHERE (r.decisions AND EXISTS (
      SELECT FROM cause c WHERE c.teacher_id = t.id AND c.first_date BETWEEN r."from" AND r."to"
        AND (r."scopeCode" IS NULL OR EXISTS (
          SELECT FROM org_unit u WHERE u.code = c.unit_code AND ${within('u.path', 'r."scopeCode"')}))))
    OR (r.verdicts AND EXISTS (
      SELECT FROM yearly_compliance y
      WHERE y.teacher_id = t.id AND y.year BETWEEN r."fromYear" AND r."toYear")
      AND (r."scopeCode" IS NULL OR EXISTS (
        SELECT FROM teacher_unit b JOIN org_unit u ON u.code = b.unit_code
        WHERE b.teacher_id = t.id AND ${within('u.path', 'r."scopeCode"')}))))`;

/** The parameter of {@link touched}. */
export const reachesOf = (versions: readonly Reach[]): string =>
  JSON.stringify(versions.map(reachOf));

/** Teachers that a version touches, in order of their ids, after one of them. */
export async function touchedTeachers(
  manager: EntityManager,
  version: Reach,
  after: string | null,
  limit: number,
): Promise<string[]> {
  const rows: { id: string }[] = await manager.query(
    `SELECT t.id FROM teacher_copy t WHERE ($2::uuid IS NULL OR t.id > $2) AND ${touched('$1')}
     ORDER BY t.id LIMIT $3`,
    [reachesOf([version]), after, limit],
  );
  return rows.map(({ id }) => id);
}

export async function countTouched(manager: EntityManager, version: Reach): Promise<number> {
  const rows: { count: number }[] = await manager.query(
    `SELECT count(*)::int AS count FROM teacher_copy t WHERE ${touched('$1')}`,
    [reachesOf([version])],
  );
  return rows[0]?.count ?? 0;
}

/** How far the recomputation after a publication is. */
export interface RecomputationRow {
  id: string;
  key: string;
  version: number;
  scopeCode: string | null;
  requestedAt: Date;
  startedAt: Date | null;
  /** Null: not counted yet. */
  total: number | null;
  done: number;
  changedDecisions: number;
  changedVerdicts: number;
  finishedAt: Date | null;
}

/** Recomputations after publications for units within the actor's jurisdiction, newest first. */
export async function recomputations(
  context: Context,
  page: Page,
): Promise<Connection<RecomputationRow>> {
  const actor = requireActor(context, 'OFFICER', 'COORDINATOR', 'AUDITOR', 'ANALYST');
  const rows: RecomputationRow[] = await context.db.query(
    `SELECT r.id, r.key, r.version, r.scope_code AS "scopeCode", r.requested_at AS "requestedAt",
       r.started_at AS "startedAt", r.total, r.done, r.changed_decisions AS "changedDecisions",
       r.changed_verdicts AS "changedVerdicts", r.finished_at AS "finishedAt"
     FROM policy_recomputation r
     WHERE ($2::uuid IS NULL OR r.id < $2) AND EXISTS (
       SELECT FROM org_unit own LEFT JOIN org_unit u ON u.code = r.scope_code
       WHERE own.code = $1
         AND CASE WHEN r.scope_code IS NULL THEN own.parent_code IS NULL
                  ELSE u.path >= own.path AND u.path < own.path || '/' END)
     ORDER BY r.id DESC LIMIT $3`,
    [actor.unit, page.after?.[0] ?? null, page.limit + 1],
  );
  return connectionOf(rows, page, ({ id }) => [id]);
}
