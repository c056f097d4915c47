import type { DataSource, EntityManager } from 'typeorm';

/** Only one at a time changes cells of the rollup. */
const LOCK = 7_206_001;
const AT_ONCE = 20_000;

const ADD = `
  INSERT INTO compliance_rollup AS r
    (kind, year, dimension, unit_code, value, verdict, teachers, centihours)
  SELECT kind, year, dimension, unit_code, value, verdict, sum(teachers), sum(centihours)
  FROM cell GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(teachers) <> 0 OR sum(centihours) <> 0
  ON CONFLICT (kind, year, dimension, unit_code, value, verdict) DO UPDATE
    SET teachers = r.teachers + excluded.teachers, centihours = r.centihours + excluded.centihours`;

/** SQL of the dimensions that a row of verdicts or of deltas counts in. */
export const DIMENSIONS = (row: string): string =>
  `(VALUES ('SECTOR', ${row}.sector), ('STAGE', ${row}.stage),
           ('SUBJECT', coalesce(${row}.subject, ''))) AS d(dimension, value)`;

/** SQL that spreads rows over the units above them, and over the dimensions. */
export const cellsOf = (row: string): string => `
  SELECT ${row}.kind, ${row}.year, d.dimension, a.unit_code, d.value, ${row}.verdict,
    ${row}.teachers, ${row}.centihours
  FROM ${row} JOIN org_unit u ON u.code = ${row}.unit_code
  CROSS JOIN LATERAL unnest(string_to_array(u.path, '.')) AS a(unit_code)
  CROSS JOIN LATERAL ${DIMENSIONS(row)}`;

/** Folds what has gathered into the cells; how many deltas it took. */
export async function foldWithin(
  manager: Pick<EntityManager, 'query'>,
  limit: number,
): Promise<number> {
  const rows: { count: number }[] = await manager.query(
    `WITH taken AS (
       DELETE FROM compliance_delta WHERE seq = ANY (ARRAY(
         SELECT t.seq FROM compliance_delta t JOIN org_unit u ON u.code = t.unit_code
         ORDER BY t.seq LIMIT $1))
       RETURNING *
     ), cell AS (${cellsOf('taken')}), added AS (${ADD})
     SELECT count(*)::int AS count FROM taken`,
    [limit],
  );
  await manager.query('DELETE FROM compliance_rollup WHERE teachers = 0 AND centihours = 0');
  return rows[0]?.count ?? 0;
}

/** Folds until nothing is left, unless another process does; how many deltas it took. */
export async function fold(db: DataSource): Promise<number> {
  for (let total = 0; ;) {
    const taken = await db.transaction(async (manager) => {
      const rows: { mine: boolean }[] = await manager.query(
        'SELECT pg_try_advisory_xact_lock($1) AS mine',
        [LOCK],
      );
      return rows[0]?.mine ? foldWithin(manager, AT_ONCE) : 0;
    });
    total += taken;
    if (taken < AT_ONCE) return total;
  }
}

/** Takes a unit's cells from the units above it and adds them to those above its new parent. */
export async function moveCells(
  manager: EntityManager,
  code: string,
  newParentCode: string,
): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
  await manager.query(
    `WITH above AS (
       SELECT -1 AS sign, unnest(string_to_array(path, '.')) AS unit_code FROM org_unit WHERE code = $1
       UNION ALL
       SELECT 1, unnest(string_to_array(path, '.')) FROM org_unit WHERE code = $2
     ), cell AS (
       SELECT r.kind, r.year, r.dimension, a.unit_code, r.value, r.verdict,
         a.sign * r.teachers AS teachers, a.sign * r.centihours AS centihours
       FROM compliance_rollup r CROSS JOIN above a
       WHERE r.unit_code = $1 AND a.unit_code <> $1
     ) ${ADD}`,
    [code, newParentCode],
  );
}
