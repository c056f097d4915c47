import { within } from '@yanxiu/registry/org-unit';
import type { Context } from '@yanxiu/subgraph/context';
import { connectionOf, type Connection, type Page } from '@yanxiu/subgraph/pagination';

/** Teachers of a unit's subtree by verdict. */
export interface VerdictCountView {
  /** Empty for those without a subject. */
  value: string;
  teachers: number;
  met: number;
  short: number;
  notRegulated: number;
  exempt: number;
  centihours: number;
}

export interface UnitSummaryView {
  unitCode: string;
  counts: VerdictCountView[];
}

export interface SummaryFilter {
  under: string;
  tier: string;
  year: number;
  kind: string;
  dimension: string;
}

const counted = (verdict: string): string =>
  `coalesce(sum(c.teachers) FILTER (WHERE c.verdict = '${verdict}'), 0)::int`;

/**
 * The cells of a page of units with what has not been folded yet, in one snapshot: a delta is in
 * one of the two, never in both.
 */
const SUMMARY = `
  WITH unit AS (
    SELECT code, path FROM org_unit
    WHERE tier = $2 AND ${within('path', '$1')} AND ($3::text IS NULL OR code > $3)
    ORDER BY code LIMIT $4
  ), cell AS (
    SELECT r.unit_code, r.value, r.verdict, r.teachers, r.centihours
    FROM unit JOIN compliance_rollup r ON r.unit_code = unit.code
      AND r.kind = $5 AND r.year = $6 AND r.dimension = $7
    UNION ALL
    SELECT unit.code, CASE $7 WHEN 'SECTOR' THEN d.sector WHEN 'STAGE' THEN d.stage
                              ELSE coalesce(d.subject, '') END,
      d.verdict, d.teachers, d.centihours
    FROM compliance_delta d JOIN org_unit o ON o.code = d.unit_code
    JOIN unit ON o.path >= unit.path AND o.path < unit.path || '/'
    WHERE d.kind = $5 AND d.year = $6
  ), counts AS (
    SELECT c.unit_code, c.value, sum(c.teachers)::int AS teachers, ${counted('MET')} AS met,
      ${counted('SHORT')} AS short, ${counted('NOT_REGULATED')} AS "notRegulated",
      ${counted('EXEMPT')} AS exempt, sum(c.centihours)::float8 AS centihours
    FROM cell c GROUP BY 1, 2 HAVING sum(c.teachers) <> 0 OR sum(c.centihours) <> 0
  )
  SELECT unit.code AS "unitCode",
    coalesce((SELECT json_agg(to_jsonb(c) - 'unit_code' ORDER BY c.value) FROM counts c
              WHERE c.unit_code = unit.code), '[]') AS counts
  FROM unit ORDER BY unit.code`;

/** Counts of the units of a tier in a subtree, by code. */
export async function unitSummaries(
  context: Context,
  { under, tier, year, kind, dimension }: SummaryFilter,
  page: Page,
): Promise<Connection<UnitSummaryView>> {
  const after = page.after?.[0] ?? null;
  const rows: UnitSummaryView[] = await context.db.query(SUMMARY, [
    under,
    tier,
    after,
    page.limit + 1,
    kind,
    year,
    dimension,
  ]);
  return connectionOf(rows, page, ({ unitCode }) => [unitCode]);
}
