import type { Context } from '@yanxiu/subgraph/context';
import { connectionOf, type Connection, type Page } from '@yanxiu/subgraph/pagination';
import { entriesById, type HourEntryRow } from '../ledger/queries.js';
import { placedBetween } from './history.js';
import { knownSql } from './queries.js';
import { knownBefore, type AsOf } from './times.js';

const ASKED = 'e.year = $4 AND e.valid_on <= $2';

/** Entries in question: recorded between, or of teachers whose place was. */
const CANDIDATES = `
  placed AS MATERIALIZED (${placedBetween('$3', '$5')}), candidate AS MATERIALIZED (
    SELECT e.id, e.teacher_id, e.recorded_at FROM hour_entry e
    WHERE ${ASKED} AND e.recorded_at >= $3 AND e.recorded_at < $5
    UNION SELECT e.id, e.teacher_id, e.recorded_at
    FROM placed CROSS JOIN LATERAL (
      SELECT * FROM hour_entry WHERE teacher_id = placed.teacher_id OFFSET 0) e
    WHERE ${ASKED}
  )`;
const OF_CANDIDATES = 'teacher_id IN (SELECT teacher_id FROM candidate)';

/**
 * Entries of a year that count in a unit's report of a day by what was known until `until`, and
 * did not by what was known at `knownAt`, or the other way round: those recorded between for
 * teachers who count, and all of teachers who count at only one of the two times.
 */
export async function differingEntries(
  context: Context,
  {
    unitCode,
    year,
    validAt,
    knownAt,
    until,
  }: AsOf & {
    unitCode: string;
    year: number;
    until: string;
  },
  page: Page,
): Promise<Connection<HourEntryRow>> {
  const rows: { id: string; position: string }[] = await context.db.query(
    `WITH ${CANDIDATES}, ${knownSql('$3', '', OF_CANDIDATES)},
       ${knownSql('$5', 'later_', OF_CANDIDATES)}
     SELECT e.id,
       to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position
     FROM candidate e LEFT JOIN member m USING (teacher_id)
     LEFT JOIN later_member l USING (teacher_id)
     WHERE (m.teacher_id IS NOT NULL AND e.recorded_at < $3)
         <> (l.teacher_id IS NOT NULL AND e.recorded_at < $5)
       AND ($6::timestamptz IS NULL OR (e.recorded_at, e.id) > ($6, $7::uuid))
     ORDER BY e.recorded_at, e.id LIMIT $8`,
    [
      unitCode,
      validAt,
      knownBefore({ knownAt }),
      year,
      knownBefore({ knownAt: until }),
      page.after?.[0] ?? null,
      page.after?.[1] ?? null,
      page.limit + 1,
    ],
  );
  const entries = await entriesById(
    context,
    rows.map(({ id }) => id),
  );
  const placed = rows.flatMap(({ position }, index) => {
    const entry = entries[index];
    return entry ? [{ ...entry, position }] : [];
  });
  return connectionOf(placed, page, ({ position, id }) => [position, id]);
}
