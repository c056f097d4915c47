import type { Context } from '@yanxiu/subgraph/context';
import { connectionOf, type Connection, type Page } from '@yanxiu/subgraph/pagination';
import { entriesById, type HourEntryRow } from '../ledger/queries.js';
import { knownSql } from './queries.js';
import { knownBefore, type AsOf } from './times.js';

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
    `WITH ${knownSql('$3')}, ${knownSql('$5', 'later_')}
     SELECT e.id,
       to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position
     FROM hour_entry e LEFT JOIN member m USING (teacher_id)
     LEFT JOIN later_member l USING (teacher_id)
     WHERE e.year = $4 AND e.valid_on <= $2
       AND (m.teacher_id IS NOT NULL AND e.recorded_at < $3)
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
