import type { EntityManager } from 'typeorm';
import type { Standing, Standings } from './standing.js';

/** Verdicts that hold on one teacher from now on. */
export interface Kept extends Standings {
  teacherId: string;
  /** Years that the transaction posted in. */
  posted: readonly number[];
  now: Date;
}

const YEAR_COLUMNS = `centihours, required_centihours, verdict, policy_key, policy_version,
  unit_code, sector, stage, subject`;
const CYCLE_COLUMNS = `last_year, mode, annual_verdict, total_verdict, ${YEAR_COLUMNS}`;

const prefixed = (alias: string, columns: string): string =>
  columns
    .split(',')
    .map((column) => `${alias}.${column.trim()}`)
    .join(', ');
const assigned = (from: string, columns: string): string =>
  `(${columns}) = ROW(${prefixed(from, columns)})`;
const differs = (from: string, columns: string): string =>
  `(${prefixed('k', columns)}) IS DISTINCT FROM (${prefixed(from, columns)})`;

const FRESH = `"teacherId" uuid, centihours integer, required_centihours integer, verdict text,
  policy_key text, policy_version integer, unit_code text, sector text`;

/** What the cells of the rollup gain and lose by rows that were and rows that are now. */
function change(
  kind: string,
  [former, fresh]: readonly [string, string],
  { year = 'year', verdict = 'verdict', hours = 'centihours' } = {},
): string {
  const columns = `${year} AS year, unit_code, sector, stage, subject, ${verdict} AS verdict,
    ${hours} AS centihours`;
  return `
  SELECT '${kind}', year, unit_code, sector, stage, subject, verdict, sum(n), sum(n * centihours)
  FROM (SELECT -1 AS n, ${columns} FROM ${former} WHERE unit_code IS NOT NULL
        UNION ALL SELECT 1, ${columns} FROM ${fresh}) c
  GROUP BY 2, 3, 4, 5, 6, 7 HAVING sum(n) <> 0 OR sum(n * centihours) <> 0`;
}

const CYCLES = ['former_cycle', 'cycle'] as const;

/*
 * Makes kept rows of teachers equal to what holds now and notes what the rollup's cells gain and
 * lose; one statement, since every posting of the province pays for it. A statement sees the rows
 * as they were before it. `former` names the rows whose place the given ones take.
 */
const keeping = (former: string): string => `
  WITH teacher AS (
    SELECT id, stage, subject FROM teacher_copy WHERE id = ANY($1::uuid[])
  ), year AS (
    SELECT f.*, t.id AS teacher_id, t.stage, t.subject
    FROM jsonb_to_recordset($2::jsonb) AS f(${FRESH}, year integer, posted boolean, now timestamptz)
    JOIN teacher t ON t.id = f."teacherId"
  ), cycle AS (
    SELECT f.*, t.id AS teacher_id, t.stage, t.subject
    FROM jsonb_to_recordset($3::jsonb) AS f(${FRESH}, first_year integer, last_year integer,
      mode text, annual_verdict text, total_verdict text)
    JOIN teacher t ON t.id = f."teacherId"
  ), ${former}, kept_year AS (
    UPDATE yearly_compliance k SET ${assigned('f', YEAR_COLUMNS)},
      changed_at = CASE WHEN f.posted OR k.changed_at IS NOT NULL THEN f.now END
    FROM year f WHERE k.teacher_id = f.teacher_id AND k.year = f.year
      AND (${differs('f', YEAR_COLUMNS)} OR (f.posted AND k.changed_at IS NULL))
  ), new_year AS (
    INSERT INTO yearly_compliance (teacher_id, year, changed_at, ${YEAR_COLUMNS})
    SELECT teacher_id, year, CASE WHEN posted THEN now END, ${YEAR_COLUMNS} FROM year
    WHERE (teacher_id, year) NOT IN (SELECT teacher_id, year FROM former_year)
  ), kept_cycle AS (
    INSERT INTO cycle_compliance AS k (teacher_id, first_year, ${CYCLE_COLUMNS})
    SELECT teacher_id, first_year, ${CYCLE_COLUMNS} FROM cycle
    ON CONFLICT (teacher_id, first_year) DO UPDATE SET ${assigned('excluded', CYCLE_COLUMNS)}
    WHERE ${differs('excluded', CYCLE_COLUMNS)}
  )
  INSERT INTO compliance_delta
    (kind, year, unit_code, sector, stage, subject, verdict, teachers, centihours)
  ${[
    change('YEAR', ['former_year', 'year']),
    change('CYCLE', CYCLES, { year: 'first_year' }),
    // Hours are counted once.
    change('CYCLE_ANNUAL', CYCLES, { year: 'first_year', verdict: 'annual_verdict', hours: '0' }),
    change('CYCLE_TOTAL', CYCLES, { year: 'first_year', verdict: 'total_verdict', hours: '0' }),
  ].join('\n  UNION ALL')}`;

/*
 * All rows of the teachers: what is not given goes. A year that nothing was ever posted in goes
 * when she did not serve in it after all; one with postings stays.
 *
 * NOT IN, whose list is hashed: nobody tells the server how many rows are in the JSON, and with NOT
 * EXISTS it compared each row with each, nine tenths of what 200 postings took together.
 */
const KEEP = keeping(`former_year AS (
    SELECT * FROM yearly_compliance WHERE teacher_id = ANY($1::uuid[])
  ), former_cycle AS (
    SELECT * FROM cycle_compliance WHERE teacher_id = ANY($1::uuid[])
  ), gone_year AS (
    DELETE FROM yearly_compliance WHERE teacher_id = ANY($1::uuid[])
      AND (teacher_id, year) NOT IN (SELECT teacher_id, year FROM year)
  ), gone_cycle AS (
    DELETE FROM cycle_compliance WHERE teacher_id = ANY($1::uuid[])
      AND (teacher_id, first_year) NOT IN (SELECT teacher_id, first_year FROM cycle)
  )`);

/* The rows of the years and cycles that are given; all others stay as they are. */
const KEEP_TOUCHED = keeping(`former_year AS (
    SELECT k.* FROM year f
    JOIN yearly_compliance k ON k.teacher_id = f.teacher_id AND k.year = f.year
  ), former_cycle AS (
    SELECT k.* FROM cycle f
    JOIN cycle_compliance k ON k.teacher_id = f.teacher_id AND k.first_year = f.first_year
  )`);

/** Keeps these verdicts and no others; the caller holds the row locks of the teachers. */
export async function keepStandings(
  manager: Pick<EntityManager, 'query'>,
  teachers: readonly Kept[],
): Promise<void> {
  if (teachers.length > 0) await manager.query(KEEP, parametersOf(teachers));
}

/** As {@link keepStandings}, but what is kept on other years and cycles stays. */
export async function keepTouched(
  manager: Pick<EntityManager, 'query'>,
  teachers: readonly Kept[],
): Promise<void> {
  const touched = teachers.filter(({ years }) => years.length > 0);
  if (touched.length > 0) await manager.query(KEEP_TOUCHED, parametersOf(touched));
}

function parametersOf(teachers: readonly Kept[]): [string[], string, string] {
  const years = teachers.flatMap(({ teacherId, years, posted, now }) =>
    years.map((each) => {
      const { year } = each;
      return { ...columns(teacherId, each), year, posted: posted.includes(year), now };
    }),
  );
  const cycles = teachers.flatMap(({ teacherId, cycles }) =>
    cycles.map((each) => ({
      ...columns(teacherId, each),
      first_year: each.firstYear,
      last_year: each.lastYear,
      mode: each.mode,
      annual_verdict: each.annualVerdict,
      total_verdict: each.totalVerdict,
    })),
  );
  const ids = teachers.map(({ teacherId }) => teacherId);
  return [ids, JSON.stringify(years), JSON.stringify(cycles)];
}

/** A standing under the names of its columns. */
const columns = (teacherId: string, standing: Standing) => ({
  teacherId,
  centihours: standing.centihours,
  required_centihours: standing.required,
  verdict: standing.verdict,
  policy_key: standing.policyKey,
  policy_version: standing.policyVersion,
  unit_code: standing.unitCode,
  sector: standing.sector,
});
