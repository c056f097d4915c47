import { addDays, startOfDay } from '@yanxiu/subgraph/calendar';
import type { Context } from '@yanxiu/subgraph/context';
import { within } from '@yanxiu/registry/org-unit';
import { requirementIfAny, verdictOf, type Verdict } from '../compliance/rules.js';
import { parametersOf } from '../policy/queries.js';
import { leavesSql } from '../teacher/queries.js';
import type { Post } from '../teacher/rules.js';

/** Hours of a jurisdiction's teachers as known on a date. */
export interface ReportView {
  unitCode: string;
  year: number;
  asOf: string;
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
 * Teachers whose post on `asOf` lies in the subtree, with what was recorded by the end of that
 * date: what is recorded later never changes the answer.
 */
function groupsOf(context: Context, unit: string, year: number, asOf: string): Promise<Group[]> {
  return context.db.query(
    `WITH post AS (
       SELECT * FROM teacher_post WHERE recorded_at < $4
     ), held AS (
       SELECT DISTINCT ON (teacher_id) teacher_id, unit_code FROM post
       WHERE valid_from <= $3 ORDER BY teacher_id, valid_from DESC, seq DESC
     ), member AS (
       SELECT held.teacher_id FROM held JOIN org_unit u ON u.code = held.unit_code
       WHERE ${within('u.path', '$1')}
     ), away AS (
       ${leavesSql('teacher_id IN (SELECT teacher_id FROM member)', '$4')}
     ), history AS (
       SELECT teacher_id, jsonb_agg(jsonb_build_object('unitCode', unit_code, 'sector', post.sector,
                'validFrom', greatest(post.valid_from, make_date($2, 1, 1)), 'path', u.path,
                'leaves', away.leaves)
                ORDER BY post.valid_from, seq) AS posts
       FROM post LEFT JOIN org_unit u ON u.code = post.unit_code
       LEFT JOIN away USING (teacher_id)
       WHERE teacher_id IN (SELECT teacher_id FROM member) GROUP BY teacher_id
     ), hours AS (
       SELECT teacher_id, sum(centihours) AS centihours FROM hour_entry
       WHERE year = $2 AND recorded_at < $4
         AND teacher_id IN (SELECT teacher_id FROM member) GROUP BY teacher_id
     )
     SELECT history.posts, coalesce(hours.centihours, 0)::int AS centihours,
            count(*)::int AS teachers
     FROM history LEFT JOIN hours USING (teacher_id)
     GROUP BY 1, 2`,
    [unit, year, asOf, startOfDay(addDays(asOf, 1))],
  );
}

/** The report of a unit's subtree for a year, as known at the end of `asOf`. */
export async function hoursReport(
  context: Context,
  unitCode: string,
  year: number,
  asOf: string,
): Promise<ReportView> {
  const known = startOfDay(addDays(asOf, 1));
  const parameters = (await parametersOf(context.db.manager)).knownBefore(known);
  const counts: Record<Verdict, number> = { MET: 0, SHORT: 0, NOT_REGULATED: 0, EXEMPT: 0 };
  let [teachers, centihours] = [0, 0];
  for (const group of await groupsOf(context, unitCode, year, asOf)) {
    const requirement = requirementIfAny(parameters, group.posts, year);
    counts[verdictOf(group.centihours, requirement)] += group.teachers;
    teachers += group.teachers;
    centihours += group.centihours * group.teachers;
  }
  return {
    unitCode,
    year,
    asOf,
    teachers,
    met: counts.MET,
    short: counts.SHORT,
    notRegulated: counts.NOT_REGULATED,
    exempt: counts.EXEMPT,
    centihours,
  };
}
