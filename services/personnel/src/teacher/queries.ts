import { In, IsNull } from 'typeorm';
import { findOrgUnit, isWithin, liesWithin, within, withinPath } from '@yanxiu/registry/org-unit';
import type { Acting, Governed } from '@yanxiu/registry/permission';
import { acting, governed } from '@yanxiu/registry/scope';
import { localDate } from '@yanxiu/subgraph/calendar';
import type { CommandTx } from '@yanxiu/subgraph/command';
import {
  grouped,
  load,
  nowOf,
  requireActor,
  type Batch,
  type Context,
} from '@yanxiu/subgraph/context';
import { enforce, permit, type Permission } from '@yanxiu/subgraph/decision';
import { notFound } from '@yanxiu/subgraph/errors';
import { connectionOf, pageOf, type Connection, type PageArgs } from '@yanxiu/subgraph/pagination';
import { ranged } from '@yanxiu/subgraph/scoped-database';
import type { Stage } from '../org-unit/entity.js';
import { NOTHING, accessTo, type Access } from './access.js';
import { Classification, Post, Teacher } from './entity.js';
import { inService } from './rules.js';

const TEACHER = { zh: '教师', en: 'teacher' };

/** A teacher with what the actor of this request may see. */
export interface TeacherView {
  id: string;
  teacher: Teacher;
  /** Unit of the current or, after service, last post. */
  unitCode: string;
  access: Access;
}

/** Ids come from clients and other services; what is no UUID is nobody's. */
export const isTeacherId = (id: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);

const teacherViews: Batch<string, TeacherView> = async (context, keys) => {
  const { db, actor } = context;
  const ids = keys.filter(isTeacherId).map((id) => id.toLowerCase());
  const teachers = await db.manager.findBy(Teacher, { id: In(ids) });
  const posts: { id: string; unitCode: string; inJurisdiction: boolean }[] = await db.query(
    `SELECT DISTINCT ON (p.teacher_id) p.teacher_id AS id, p.unit_code AS "unitCode",
            coalesce(${within('u.path', '$3')}, false) AS "inJurisdiction"
     FROM post p JOIN org_unit u ON u.code = p.unit_code
     WHERE p.teacher_id = ANY ($1::uuid[])
     ORDER BY p.teacher_id, (p.from_on <= $2) DESC, p.from_on DESC`,
    [ids, localDate(nowOf(context)), actor?.unit ?? ''],
  );
  const postOf = new Map(posts.map((post) => [post.id, post]));
  const views = new Map<string, TeacherView>();
  for (const teacher of teachers) {
    const post = postOf.get(teacher.id);
    if (!post) continue;
    const access = accessTo(actor, post);
    views.set(teacher.id, { id: teacher.id, teacher, unitCode: post.unitCode, access });
  }
  return keys.map((key) => views.get(key.toLowerCase()) ?? hidden(context, key));
};

/**
 * Of whom the fence hides nothing is known but the id, which the asker has: she is shown as a
 * teacher outside the jurisdiction is, and whether she exists stays untold.
 */
const hidden = ({ db }: Context, id: string): TeacherView | null =>
  isTeacherId(id)
    ? { id, teacher: db.manager.create(Teacher, { id }), unitCode: '', access: NOTHING }
    : null;

/** The teacher as the actor may see her, for references from other services; never a refusal. */
export const teacherView = (context: Context, id: string) => load(context, teacherViews, id);

/** The teacher, when the actor may find her by id. */
export async function teacher(context: Context, id: string): Promise<TeacherView> {
  requireActor(context);
  const view = await teacherView(context, id);
  if (!view?.access.listed) throw notFound(TEACHER, id);
  return view;
}

/** The signed-in teacher; null for other roles. */
export async function me(context: Context): Promise<TeacherView | null> {
  const actor = requireActor(context);
  if (actor.role !== 'TEACHER' || !actor.teacher) return null;
  const view = await teacherView(context, actor.teacher);
  return view?.access.listed ? view : null;
}

export interface TeacherFilter extends PageArgs {
  under?: string | null;
  stage?: Stage | null;
  subject?: string | null;
  on?: string | null;
}

/** Those of a school come by its posts, those of a province in their order until a page is full. */
const TEACHERS = ranged(
  `SELECT t.id FROM teacher t
   JOIN post p ON p.teacher_id = t.id AND p.from_on <= $2 AND (p.to_on IS NULL OR p.to_on >= $2)
   JOIN org_unit u ON u.code = p.unit_code
   WHERE ${withinPath('u.path', '$1')} AND ($3::text IS NULL OR t.stage = $3)
     AND ($4::text IS NULL OR t.subject = $4) AND ($5::uuid IS NULL OR t.id > $5)
   ORDER BY t.id LIMIT $6`,
);

/** Teachers with a post in a subtree of the jurisdiction on a date. */
export async function teachers(
  context: Context,
  filter: TeacherFilter,
): Promise<Connection<TeacherView>> {
  const { db } = context;
  const actor = requireActor(
    context,
    ...(['OFFICER', 'COORDINATOR', 'FINANCE', 'AUDITOR', 'ANALYST'] as const),
  );
  const page = pageOf(filter, 'uuid');
  const under = await findOrgUnit(db.manager, filter.under ?? actor.unit);
  if (!under || !liesWithin(under, actor.unit)) {
    throw notFound({ zh: '单位', en: 'unit' }, filter.under ?? actor.unit);
  }
  const rows: { id: string }[] = await db.query(TEACHERS, [
    ...[under.path, filter.on ?? localDate(nowOf(context))],
    ...[filter.stage ?? null, filter.subject ?? null, page.after?.[0] ?? null, page.limit + 1],
  ]);
  const views = await Promise.all(rows.map(({ id }) => teacherView(context, id)));
  const found = views.filter((view) => view !== null);
  return connectionOf(found, page, (view) => [view.id]);
}

const postsOfTeachers: Batch<string, Post[]> = async ({ db }, ids) =>
  grouped(
    ids,
    await db.manager.find(Post, { where: { teacherId: In([...ids]) }, order: { from: 'ASC' } }),
    (post) => post.teacherId,
  );

/** All posts, the oldest first. */
export const postsOf = async (context: Context, { id }: TeacherView): Promise<Post[]> =>
  (await load(context, postsOfTeachers, id)) ?? [];

/** Code of the unit on a date; null without a post. */
export async function unitCodeOn(
  context: Context,
  view: TeacherView,
  date: string,
): Promise<string | null> {
  const posts = await postsOf(context, view);
  const post = posts.find(({ from, to }) => from <= date && (to === null || to >= date));
  return post?.unitCode ?? null;
}

const classificationsOfTeachers: Batch<string, Classification[]> = async ({ db }, ids) =>
  grouped(
    ids,
    await db.manager.find(Classification, {
      where: { teacherId: In([...ids]) },
      order: { from: 'ASC' },
    }),
    (classification) => classification.teacherId,
  );

/** What the teacher was from date to date, the oldest first. */
export const classificationsOf = async (
  context: Context,
  { id }: TeacherView,
): Promise<Classification[]> => (await load(context, classificationsOfTeachers, id)) ?? [];

/**
 * The teacher, locked, in service or not, when the actor may do to her what `right` is of: it is
 * told the unit of her latest post.
 */
export async function lockRecord(
  tx: CommandTx,
  id: string,
  right: (actor: Acting, unit: Governed) => Permission,
): Promise<Teacher> {
  const { manager } = tx;
  const teacher = isTeacherId(id)
    ? await manager.findOne(Teacher, { where: { id }, lock: { mode: 'pessimistic_write' } })
    : null;
  if (!teacher) throw notFound(TEACHER, id);
  const latest = await manager.findOneOrFail(Post, {
    where: { teacherId: id },
    order: { from: 'DESC' },
  });
  // Another's teacher looks as if there were none.
  if (!(await isWithin(manager, latest.unitCode, tx.actor.unit))) throw notFound(TEACHER, id);
  const by = await acting(tx);
  permit(right(by, await governed(by, tx, latest.unitCode)));
  return teacher;
}

/** As {@link lockRecord} of a teacher in service, with her open post; TEACHER-RETIRED otherwise. */
export async function lockTeacher(
  tx: CommandTx,
  id: string,
  right: (actor: Acting, unit: Governed) => Permission,
): Promise<{ teacher: Teacher; post: Post }> {
  const teacher = await lockRecord(tx, id, right);
  const open = await tx.manager.findOneBy(Post, { teacherId: id, to: IsNull() });
  return { teacher, post: enforce(inService(open)) };
}
