import type { EntityManager } from 'typeorm';
import { addDays, localDateSql, startOfDay } from '@yanxiu/subgraph/calendar';
import { parametersOf } from '../policy/queries.js';
import type { History } from './steps.js';

const AT_ONCE = 1_000;

/** Of some teachers in order; entries of the years $3 to $4. */
const historiesOf = (these: string): string => `
  SELECT t.id,
    (SELECT coalesce(json_agg(json_build_object('unitCode', unit_code, 'sector', sector,
              'validFrom', valid_from, 'recordedOn', ${localDateSql('recorded_at')})
              ORDER BY valid_from, seq), '[]')
     FROM teacher_post p WHERE p.teacher_id = t.id) AS posts,
    (SELECT coalesce(json_agg(json_build_object('leaveId', leave_id, 'from', from_on, 'to', to_on,
              'withdrawn', withdrawn, 'recordedOn', ${localDateSql('recorded_at')}) ORDER BY seq), '[]')
     FROM teacher_leave l WHERE l.teacher_id = t.id) AS leaves,
    (SELECT coalesce(json_agg(json_build_object('year', year, 'validOn', valid_on,
              'recordedOn', recorded_on, 'centihours', centihours)), '[]')
     FROM (SELECT year, valid_on, ${localDateSql('recorded_at')} AS recorded_on,
             sum(centihours)::int AS centihours
           FROM hour_entry e WHERE e.teacher_id = t.id AND year BETWEEN $3 AND $4
           GROUP BY 1, 2, 3) h) AS hours
  FROM teacher_copy t
  WHERE ${these}
  ORDER BY t.id LIMIT $2`;
// Two statements: a plan that serves both goes through all teachers for a few.
const OF_ALL = historiesOf('$1::uuid IS NULL OR t.id > $1');
const OF_NAMED = historiesOf('t.id = ANY ($1::uuid[])');

/** SQL of the teachers (`teacher_id`) of whose place something was recorded between instants. */
export const placedBetween = (from: string, to: string): string => `
  SELECT teacher_id FROM teacher_post WHERE recorded_at >= ${from} AND recorded_at < ${to}
  UNION SELECT t.teacher_id FROM org_unit_place p JOIN teacher_unit t ON t.unit_code = p.code
    WHERE p.recorded_at >= ${from} AND p.recorded_at < ${to}`;

/** Teachers whom what was recorded after one day and up to another is about. */
const TOUCHED = `
  SELECT teacher_id AS id FROM hour_entry WHERE recorded_at >= $1 AND recorded_at < $2
  UNION SELECT teacher_id FROM teacher_leave WHERE recorded_at >= $1 AND recorded_at < $2
  UNION ${placedBetween('$1', '$2')}
  ORDER BY 1`;

/**
 * Ids of the teachers, in order, whom what was recorded after a day and up to another is about;
 * null, all, when a parameter was published on one of those days.
 */
export async function touchedBetween(
  manager: EntityManager,
  after: string,
  through: string,
): Promise<string[] | null> {
  const { publicationDays } = await parametersOf(manager);
  if (publicationDays.some((day) => day > after && day <= through)) return null;
  const span = [after, through].map((day) => startOfDay(addDays(day, 1)));
  const rows: { id: string }[] = await manager.query(TOUCHED, span);
  return rows.map(({ id }) => id);
}

/** What was recorded of teachers, of all or of those named in order; entries of these years. */
export async function* histories(
  manager: EntityManager,
  [first, last]: readonly [number, number],
  of: readonly string[] | null,
): AsyncGenerator<History> {
  for (let [after, done]: [string | null, number] = [null, 0]; ;) {
    const some = of ? of.slice(done, done + AT_ONCE) : after;
    const rows: (History & { id: string })[] = await manager.query(of ? OF_NAMED : OF_ALL, [
      ...[some, AT_ONCE, first, last],
    ]);
    yield* rows;
    done += AT_ONCE;
    after = rows.at(-1)?.id ?? null;
    if (of ? done >= of.length : rows.length < AT_ONCE) return;
  }
}
