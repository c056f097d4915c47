import type { Context } from '@yanxiu/subgraph/context';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { requirementIfAny, verdictOf, type Verdict } from '../compliance/rules.js';
import { parametersOf } from '../policy/queries.js';
import { treeAsOf } from '../place/queries.js';
import { leavesSql } from '../teacher/queries.js';
import type { Post } from '../teacher/rules.js';
import { knownBefore, type AsOf } from './times.js';

/** Hours of a jurisdiction's teachers as known on a date. */
export interface ReportView {
  unitCode: string;
  year: number;
  asOf: string;
  knownAt: string;
  teachers: number;
  met: number;
  short: number;
  notRegulated: number;
  exempt: number;
  centihours: number;
}

/** Teachers with like posts and the same hours, counted together. */
interface Group {
  posts: Post[];
  centihours: number;
  teachers: number;
}

/**
 * SQL of what was known before an instant: `tree`, `post`, `held` with each teacher's post on the
 * day, `member` with the teachers of the unit's subtree. $1 is the unit, $2 the day.
 */
export const knownSql = (before: string, prefix = ''): string => `
     ${prefix}tree AS MATERIALIZED (${treeAsOf('$2', before)}), ${prefix}post AS (
       SELECT * FROM teacher_post WHERE recorded_at < ${before}
     ), ${prefix}held AS (
       SELECT DISTINCT ON (teacher_id) teacher_id, unit_code FROM ${prefix}post
       WHERE valid_from <= $2 ORDER BY teacher_id, valid_from DESC, seq DESC
     ), ${prefix}member AS (
       SELECT h.teacher_id FROM ${prefix}held h JOIN ${prefix}tree u ON u.code = h.unit_code
       WHERE u.path >= (SELECT path FROM ${prefix}tree WHERE code = $1)
         AND u.path < (SELECT path || '/' FROM ${prefix}tree WHERE code = $1)
     )`;

/**
 * Teachers of the subtree by what was known: what is recorded later never changes the answer. Asked
 * as SYSTEM: the fence goes by the tree of today and would take from a unit's past report whoever
 * has left it since.
 */
function groupsOf(
  context: Context,
  unit: string,
  year: number,
  { validAt, knownAt }: AsOf,
): Promise<Group[]> {
  return asSystem(context.db).query(
    `WITH ${knownSql('$3')}, away AS (
       ${leavesSql('teacher_id IN (SELECT teacher_id FROM member)', '$3')}
     ), history AS (
       SELECT teacher_id, jsonb_agg(jsonb_build_object('unitCode', unit_code, 'sector', post.sector,
                'validFrom', greatest(post.valid_from, make_date($4, 1, 1)), 'path', u.path,
                'leaves', away.leaves)
                ORDER BY post.valid_from, seq) AS posts
       FROM post LEFT JOIN tree u ON u.code = post.unit_code
       LEFT JOIN away USING (teacher_id)
       WHERE teacher_id IN (SELECT teacher_id FROM member) GROUP BY teacher_id
     ), hours AS (
       SELECT teacher_id, sum(centihours) AS centihours FROM hour_entry
       WHERE year = $4 AND valid_on <= $2 AND recorded_at < $3
         AND teacher_id IN (SELECT teacher_id FROM member) GROUP BY teacher_id
     )
     SELECT history.posts, coalesce(hours.centihours, 0)::int AS centihours,
            count(*)::int AS teachers
     FROM history LEFT JOIN hours USING (teacher_id)
     GROUP BY 1, 2`,
    [unit, validAt, knownBefore({ knownAt }), year],
  );
}

/** The report of a unit's subtree for a year, of a day and by what was known. */
export async function hoursReport(
  context: Context,
  unitCode: string,
  year: number,
  times: AsOf,
): Promise<ReportView> {
  const parameters = (await parametersOf(context.db.manager)).knownBefore(knownBefore(times));
  const counts: Record<Verdict, number> = { MET: 0, SHORT: 0, NOT_REGULATED: 0, EXEMPT: 0 };
  let [teachers, centihours] = [0, 0];
  for (const group of await groupsOf(context, unitCode, year, times)) {
    const requirement = requirementIfAny(parameters, group.posts, year);
    counts[verdictOf(group.centihours, requirement)] += group.teachers;
    teachers += group.teachers;
    centihours += group.centihours * group.teachers;
  }
  return {
    unitCode,
    year,
    asOf: times.validAt,
    knownAt: times.knownAt,
    teachers,
    met: counts.MET,
    short: counts.SHORT,
    notRegulated: counts.NOT_REGULATED,
    exempt: counts.EXEMPT,
    centihours,
  };
}
