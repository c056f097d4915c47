import type { EntityManager } from 'typeorm';
import {
  findOrgUnit,
  liesWithin,
  within,
  withinPath,
  type OrgUnit,
} from '@yanxiu/registry/org-unit';
import type { Role } from '@yanxiu/subgraph/actor';
import { localDate } from '@yanxiu/subgraph/calendar';
import {
  inOrder,
  load,
  nowOf,
  requireActor,
  type Batch,
  type Context,
} from '@yanxiu/subgraph/context';
import { notFound } from '@yanxiu/subgraph/errors';
import { keyed } from '@yanxiu/subgraph/scoped-database';
import { postOn, type Post } from './rules.js';

/** Leaves that count as JSON, the oldest first: a row for each teacher whom `of` selects. */
export const leavesSql = (of: string, knownBefore?: string): string =>
  `SELECT l.teacher_id, jsonb_agg(jsonb_build_object('from', l.from_on, 'to', l.to_on)
     ORDER BY l.from_on) AS leaves
   FROM (SELECT DISTINCT ON (teacher_id, leave_id) teacher_id, from_on, to_on, withdrawn
         FROM teacher_leave
         WHERE ${of}${knownBefore ? ` AND recorded_at < ${knownBefore}` : ''}
         ORDER BY teacher_id, leave_id, seq DESC) l
   WHERE NOT l.withdrawn GROUP BY l.teacher_id`;

/**
 * Posts of a teacher as JSON, in the order in which rules read them; `t` is the teacher's row,
 * `tree` where units and their places are found.
 */
export const postsSql = (knownBefore?: string, tree = 'org_unit'): string =>
  `(SELECT coalesce(json_agg(json_build_object('unitCode', p.unit_code, 'sector', p.sector,
             'validFrom', p.valid_from, 'path', u.path, 'leaves', away.leaves)
             ORDER BY p.valid_from, p.seq), '[]')
    FROM teacher_post p LEFT JOIN ${tree} u ON u.code = p.unit_code
    LEFT JOIN (${leavesSql('teacher_id = t.id', knownBefore)}) away USING (teacher_id)
    WHERE p.teacher_id = t.id${knownBefore ? ` AND p.recorded_at < ${knownBefore}` : ''})`;

/** The unit of the last post begun by the date in `today`, also after retirement. */
export const currentUnitSql = (today: string): string =>
  `(SELECT p.unit_code FROM teacher_post p
    WHERE p.teacher_id = t.id AND p.valid_from <= ${today} AND p.unit_code IS NOT NULL
    ORDER BY p.valid_from DESC, p.seq DESC LIMIT 1)`;

/**
 * SQL that narrows teachers `t` to those of a small unit's subtree, now or once, where a list of
 * them begins to look; whose unit it is on a day, {@link currentUnitSql} says. A list of a city or
 * of the province goes through all teachers in their order until the page is full.
 */
export const narrowedTo = ({ tier }: Pick<OrgUnit, 'tier'>, path: string): string =>
  tier === 'COUNTY' || tier === 'SCHOOL'
    ? `t.id IN (SELECT teacher_id FROM teacher_unit WHERE ${withinPath('teacher_unit.path', path)})`
    : 'true';

/**
 * Takes the row locks of those teachers who are known, so that decisions on one teacher come one
 * after another; in the order of ids, so that two who lock the same ones do not wait in a circle.
 */
export async function lockTeachers(
  manager: EntityManager,
  teacherIds: readonly string[],
): Promise<void> {
  await manager.query(
    'SELECT id FROM teacher_copy WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE',
    [teacherIds],
  );
}

/** All posts of a teacher; with `knownBefore` only those recorded before that instant. */
export async function postsOf(
  manager: EntityManager,
  teacherId: string,
  knownBefore?: Date,
): Promise<Post[]> {
  const rows: { posts: Post[] }[] = await manager.query(
    `SELECT ${postsSql(knownBefore ? '$2' : undefined)} AS posts FROM teacher_copy t
     WHERE t.id = $1`,
    knownBefore ? [teacherId, knownBefore] : [teacherId],
  );
  return rows[0]?.posts ?? [];
}

/** The unit of the teacher's post on `date`, as it was known at `knownAt`. */
export async function unitOn(
  manager: EntityManager,
  teacherId: string,
  date: string,
  knownAt: Date,
): Promise<string | null> {
  const posts = await postsOf(manager, teacherId, new Date(knownAt.getTime() + 1));
  return postOn(posts, date)?.unitCode ?? null;
}

/** Keys `teacher:…` of a loader under their teacher: by her the ledger's tables are divided. */
export function byTeacher(keys: readonly string[]): Map<string, string[]> {
  const teachers = new Map<string, string[]>();
  for (const key of keys) {
    const [teacherId = '', rest = ''] = key.split(':');
    teachers.set(teacherId, [...(teachers.get(teacherId) ?? []), rest]);
  }
  return teachers;
}

/**
 * Keys `teacher:…` of a loader as two columns for `unnest`. Taken apart in SQL they would find no
 * index: a function that might tell of a row is asked behind the fence, of every teacher's.
 */
export function columnsOfKeys(keys: readonly string[]): [teachers: string[], rest: string[]] {
  const pairs = keys.map((key) => key.split(':'));
  return [pairs.map(([teacherId = '']) => teacherId), pairs.map(([, rest = '']) => rest)];
}

/** A teacher as the graph refers to her. */
export interface TeacherRef {
  id: string;
}

/** Roles that see the teachers of their subtree. */
const OVERSEERS: Role[] = ['OFFICER', 'COORDINATOR', 'ANALYST', 'AUDITOR'];

/** Which of the teachers the actor may see: herself, or those whose post lies in the subtree. */
export const visibleTeachers: Batch<string, string> = async (context, ids) => {
  const { actor } = context;
  if (!actor) return ids.map(() => null);
  if (actor.role === 'TEACHER') return ids.map((id) => (id === actor.teacher ? id : null));
  if (!OVERSEERS.includes(actor.role)) return ids.map(() => null);
  const rows: { id: string }[] = await context.db.query(
    keyed(`SELECT t.id FROM teacher_copy t
     JOIN org_unit u ON u.code = ${currentUnitSql('$2')}
     WHERE t.id = ANY($1::uuid[]) AND ${within('u.path', '$3')}`),
    [ids, today(context), actor.unit],
  );
  const visible = new Set(rows.map(({ id }) => id));
  return ids.map((id) => (visible.has(id) ? id : null));
};

/** Whether the actor may see the teacher's hours. */
export const canSee = async (context: Context, teacherId: string): Promise<boolean> =>
  (await load(context, visibleTeachers, teacherId)) !== null;

interface Kept {
  id: string;
  until: Date;
}

/** Until when units of the actor's subtree keep what was recorded of teachers who have left. */
export const keptOfFormer: Batch<string, Kept> = async (context, ids) => {
  const { actor } = context;
  if (!actor || !OVERSEERS.includes(actor.role)) return ids.map(() => null);
  const rows: Kept[] = await context.db.query(
    keyed(`SELECT r.teacher_id AS id, max(r.kept_until) AS until
     FROM teacher_unit r JOIN org_unit u ON u.code = r.unit_code
     WHERE r.teacher_id = ANY($1::uuid[]) AND r.kept_until IS NOT NULL
       AND ${within('u.path', '$2')} GROUP BY 1`),
    [ids, actor.unit],
  );
  return inOrder(ids, rows, ({ id }) => id);
};

/**
 * Up to when the actor sees what was recorded of a teacher (domain.md §6.4): all of it while she
 * is in the actor's reach, of a former unit's teacher what was recorded while she was there.
 */
export async function seenUntil(context: Context, teacherId: string): Promise<Date | 'NOW' | null> {
  if (await canSee(context, teacherId)) return 'NOW';
  return (await load(context, keptOfFormer, teacherId))?.until ?? null;
}

/** Whether the actor sees what was recorded of a teacher at an instant. */
export async function seesRecord(context: Context, teacherId: string, at: Date): Promise<boolean> {
  const until = await seenUntil(context, teacherId);
  return until === 'NOW' || (until !== null && at <= until);
}

/** The unit whose subtree is asked about; the actor must oversee it. */
export async function overseenUnit(context: Context, code: string): Promise<OrgUnit> {
  const actor = requireActor(context, ...OVERSEERS);
  const unit = await findOrgUnit(context.db.manager, code);
  if (unit && liesWithin(unit, actor.unit)) return unit;
  throw notFound({ zh: '单位', en: 'unit' }, code);
}

/** Today's date in Asia/Shanghai by the clock of the request. */
export const today = (context: Context): string => localDate(nowOf(context));
