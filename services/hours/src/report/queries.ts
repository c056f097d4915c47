import type { EntityManager } from 'typeorm';
import type { Context } from '@yanxiu/subgraph/context';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { requirementIfAny, verdictOf, type Verdict } from '../compliance/rules.js';
import { parametersOf } from '../policy/queries.js';
import { treeAsOf } from '../place/queries.js';
import { leavesSql } from '../teacher/queries.js';
import type { Post } from '../teacher/rules.js';
import { countedInCells, gainedBy, keptThrough, type Asked, type Counted } from './cells.js';
import { touchedBetween } from './history.js';
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

/** Above so many it is no dearer to work all of it out. */
const MOST_TOUCHED = 100_000;

/** Teachers with like posts and the same hours, counted together. */
interface Group {
  posts: Post[];
  centihours: number;
  teachers: number;
}

/**
 * SQL of what was known before an instant: `tree`, `post`, `held` with each teacher's post on the
 * day, `member` with the teachers of the unit's subtree. $1 is the unit, $2 the day; `these` is a
 * condition on the only teachers that are looked at.
 */
export const knownSql = (before: string, prefix = '', these = 'true'): string => `
     ${prefix}tree AS MATERIALIZED (${treeAsOf('$2', before)}), ${prefix}post AS (
       SELECT * FROM teacher_post WHERE recorded_at < ${before} AND ${these}
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
  manager: EntityManager,
  { unitCode, year, validAt, knownAt }: Asked,
): Promise<Group[]> {
  return manager.query(
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
    [unitCode, validAt, knownBefore({ knownAt }), year],
  );
}

/** The report of a unit's subtree for a year, of a day and by what was known. */
export async function hoursReport(
  context: Context,
  unitCode: string,
  year: number,
  times: AsOf,
): Promise<ReportView> {
  const asked = { unitCode, year, ...times };
  const { manager } = asSystem(context.db);
  const counted =
    (await countedInCells(manager, asked)) ??
    (await countedSince(context, asked)) ??
    (await countedAnew(manager, asked));
  const teachersBy = (verdict: Verdict) => sum(counted, verdict, ({ teachers }) => teachers);
  return {
    unitCode,
    year,
    asOf: times.validAt,
    knownAt: times.knownAt,
    teachers: sum(counted, null, ({ teachers }) => teachers),
    met: teachersBy('MET'),
    short: teachersBy('SHORT'),
    notRegulated: teachersBy('NOT_REGULATED'),
    exempt: teachersBy('EXEMPT'),
    centihours: sum(counted, null, ({ centihours }) => centihours),
  };
}

const sum = (
  counted: readonly Counted[],
  verdict: Verdict | null,
  of: (counted: Counted) => number,
): number =>
  counted
    .filter((each) => verdict === null || each.verdict === verdict)
    .reduce((total, each) => total + of(each), 0);

/**
 * Days that are not kept yet: what is kept, and what it gains by what was recorded of teachers
 * since. Null where that does not help.
 */
export async function countedSince(context: Context, asked: Asked): Promise<Counted[] | null> {
  return asSystem(context.db).transaction('REPEATABLE READ', async (manager) => {
    const through = await keptThrough(manager, asked.unitCode, asked.year);
    if (through === null) return null;
    const of = await touchedBetween(manager, through, asked.knownAt);
    if (of === null || of.length > MOST_TOUCHED) return null;
    const kept = (await countedInCells(manager, { ...asked, knownAt: through })) ?? [];
    const span = { after: through, through: asked.knownAt };
    return [...kept, ...(await gainedBy(manager, asked, span, of))];
  });
}

/** From posts, ledger and parameters alone. */
export async function countedAnew(manager: EntityManager, asked: Asked): Promise<Counted[]> {
  const { year } = asked;
  const parameters = (await parametersOf(manager)).knownBefore(knownBefore(asked));
  return (await groupsOf(manager, asked)).map(({ posts, teachers, centihours }) => {
    const verdict = verdictOf(centihours, requirementIfAny(parameters, posts, year));
    return { verdict, teachers, centihours: centihours * teachers };
  });
}
