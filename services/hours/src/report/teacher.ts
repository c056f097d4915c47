import type { Context } from '@yanxiu/subgraph/context';
import { keyed } from '@yanxiu/subgraph/scoped-database';
import type { PolicyVersion } from '@yanxiu/registry/policy';
import { requirementIfAny, verdictOf, type Verdict } from '../compliance/rules.js';
import { parametersOf } from '../policy/queries.js';
import { treeAsOf } from '../place/queries.js';
import { postsSql } from '../teacher/queries.js';
import { postOn, type Post } from '../teacher/rules.js';
import { knownBefore, type AsOf } from './times.js';

/** A teacher's year on a day, by what was known. */
export interface HoursAsOfView extends AsOf {
  year: number;
  unitCode: string | null;
  centihours: number;
  required: number | null;
  verdict: Verdict;
  policy: PolicyVersion | null;
}

/** Units of her posts. */
const HERS = `code IN (SELECT unit_code FROM teacher_post WHERE teacher_id = $1)`;

/** Her year as it stood on a day by what had been recorded; null for one not known by then. */
export async function hoursAsOf(
  context: Context,
  teacherId: string,
  year: number,
  times: AsOf,
): Promise<HoursAsOfView | null> {
  const known = knownBefore(times);
  const rows: { posts: Post[]; centihours: number }[] = await context.db.query(
    keyed(`WITH tree AS (${treeAsOf('$2', '$3', HERS)})
     SELECT ${postsSql('$3', 'tree')} AS posts,
       (SELECT coalesce(sum(e.centihours), 0)::int FROM hour_entry e
        WHERE e.teacher_id = $1 AND e.year = $4 AND e.valid_on <= $2
          AND e.recorded_at < $3) AS centihours
     FROM teacher_copy t WHERE t.id = $1`),
    [teacherId, times.validAt, known, year],
  );
  const { posts = [], centihours = 0 } = rows[0] ?? {};
  if (posts.length === 0) return null;
  const parameters = (await parametersOf(context.db.manager)).knownBefore(known);
  const requirement = requirementIfAny(parameters, posts, year);
  return {
    ...times,
    year,
    unitCode: postOn(posts, times.validAt)?.unitCode ?? null,
    centihours,
    required: requirement.centihours,
    verdict: verdictOf(centihours, requirement),
    policy: requirement.policy,
  };
}
