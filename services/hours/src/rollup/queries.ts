import { within } from '@yanxiu/registry/org-unit';
import { requireActor, type Context } from '@yanxiu/subgraph/context';
import { connectionOf, type Connection, type Page } from '@yanxiu/subgraph/pagination';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import type { Verdict } from '../compliance/rules.js';

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

/** A row of the answer: a unit with one of its cells, or with none. */
interface Cell {
  unitCode: string;
  value: string | null;
  verdict: Verdict;
  teachers: number;
  centihours: number;
}

/*
 * The cells of a page of units with what has not been folded yet, in one snapshot: a delta is in
 * one of the two, never in both. Deltas are read once: left to itself the server reads all of them
 * for each unit of the page. The page's units lie below the unit that is asked about and below
 * the actor's own: it is asked as SYSTEM, because the fence compares all units of the province.
 */
const SUMMARY = `
  WITH page AS MATERIALIZED (
    SELECT code, path FROM org_unit
    WHERE tier = $2 AND ${within('path', '$1')} AND ${within('path', '$8')}
      AND ($3::text IS NULL OR code > $3)
    ORDER BY code LIMIT $4
  ), fresh AS MATERIALIZED (
    SELECT o.path, d.sector, d.stage, d.subject, d.verdict, d.teachers, d.centihours
    FROM compliance_delta d JOIN org_unit o ON o.code = d.unit_code
    WHERE d.kind = $5 AND d.year = $6
  ), cell AS (
    SELECT unit_code, value, verdict, teachers, centihours FROM compliance_rollup
    WHERE kind = $5 AND year = $6 AND dimension = $7 AND unit_code = ANY (ARRAY(SELECT code FROM page))
    UNION ALL
    SELECT page.code, CASE $7 WHEN 'SECTOR' THEN d.sector WHEN 'STAGE' THEN d.stage
                              ELSE coalesce(d.subject, '') END,
      d.verdict, d.teachers, d.centihours
    FROM fresh d JOIN page ON d.path >= page.path AND d.path < page.path || '/'
  ), counted AS (
    SELECT unit_code, value, verdict, sum(teachers)::int AS teachers,
      sum(centihours)::float8 AS centihours
    FROM cell GROUP BY 1, 2, 3 HAVING sum(teachers) <> 0 OR sum(centihours) <> 0
  )
  SELECT page.code AS "unitCode", value, verdict, teachers, centihours
  FROM page LEFT JOIN counted ON unit_code = page.code ORDER BY page.code, value`;

const FIELD = {
  MET: 'met',
  SHORT: 'short',
  NOT_REGULATED: 'notRegulated',
  EXEMPT: 'exempt',
} as const satisfies Record<Verdict, keyof VerdictCountView>;

/** Units in their order, each with its counts. */
function summariesOf(cells: readonly Cell[]): UnitSummaryView[] {
  const units = new Map<string, Map<string, VerdictCountView>>();
  for (const { unitCode, value, verdict, teachers, centihours } of cells) {
    const counts = units.get(unitCode) ?? new Map<string, VerdictCountView>();
    units.set(unitCode, counts);
    if (value === null) continue;
    const count = counts.get(value) ?? {
      ...{ value, teachers: 0, met: 0, short: 0, notRegulated: 0, exempt: 0, centihours: 0 },
    };
    counts.set(value, count);
    count[FIELD[verdict]] += teachers;
    count.teachers += teachers;
    count.centihours += centihours;
  }
  return [...units].map(([unitCode, counts]) => ({ unitCode, counts: [...counts.values()] }));
}

/** Counts of the units of a tier in a subtree, by code. */
export async function unitSummaries(
  context: Context,
  { under, tier, year, kind, dimension }: SummaryFilter,
  page: Page,
): Promise<Connection<UnitSummaryView>> {
  const after = page.after?.[0] ?? null;
  const cells: Cell[] = await asSystem(context.db).query(SUMMARY, [
    under,
    tier,
    after,
    page.limit + 1,
    kind,
    year,
    dimension,
    requireActor(context).unit,
  ]);
  return connectionOf(summariesOf(cells), page, ({ unitCode }) => [unitCode]);
}
