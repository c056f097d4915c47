import { In, type EntityManager } from 'typeorm';
import { isWithin, within } from '@yanxiu/registry/org-unit';
import type { Actor } from '@yanxiu/subgraph/actor';
import { grouped, inOrder, load, type Batch, type Context } from '@yanxiu/subgraph/context';
import { notFound } from '@yanxiu/subgraph/errors';
import { isUuid } from '../columns.js';
import { isDeliverer } from '../institution/queries.js';
import type { TrainingProject } from '../project/entity.js';
import { findProject } from '../project/queries.js';
import { TrainingClass } from './entity.js';
import type { Delivery } from './rules.js';

const CLASS = { zh: '班次', en: 'training class' };
const PROJECT = { zh: '培训项目', en: 'training project' };

/** The project under a shared lock: its step stays as it is while many work in it side by side. */
export async function shareProject(manager: EntityManager, id: string): Promise<TrainingProject> {
  if (isUuid(id)) await manager.query('SELECT FROM training_project WHERE id = $1 FOR SHARE', [id]);
  const project = await findProject(manager, id);
  if (!project) throw notFound(PROJECT, id);
  return project;
}

/** A class with its project, the project under a shared lock. */
export async function shareClass(
  manager: EntityManager,
  id: string,
): Promise<{ trainingClass: TrainingClass; project: TrainingProject }> {
  const trainingClass = isUuid(id) ? await manager.findOneBy(TrainingClass, { id }) : null;
  if (!trainingClass) throw notFound(CLASS, id);
  return { trainingClass, project: await shareProject(manager, trainingClass.projectId) };
}

/** As {@link shareClass}, with the class itself locked: one at a time. */
export async function lockClass(
  manager: EntityManager,
  id: string,
): Promise<{ trainingClass: TrainingClass; project: TrainingProject }> {
  const { project } = await shareClass(manager, id);
  const trainingClass = await manager.findOneOrFail(TrainingClass, {
    where: { id },
    lock: { mode: 'pessimistic_write' },
  });
  return { trainingClass, project };
}

type Organised = Pick<TrainingProject, 'level' | 'organiserCode' | 'delivererIds'>;

/** What the rights over a project's delivery are told of it. */
export async function deliveryOf(
  manager: EntityManager,
  actor: Actor,
  { level, organiserCode, delivererIds }: Organised,
): Promise<Delivery> {
  const staff = actor.role === 'INSTITUTION';
  return {
    level,
    organiserCode,
    contained: !staff && (await isWithin(manager, organiserCode, actor.unit)),
    delivered: staff && (await isDeliverer(manager, actor.institution, delivererIds)),
  };
}

/** Marks a class as completed (结业). */
export async function closeClass(manager: EntityManager, id: string, now: Date): Promise<void> {
  await manager.update(TrainingClass, id, { status: 'COMPLETED', completedAt: now });
}

/** How many classes a project has. */
export const countClasses = (manager: EntityManager, projectId: string): Promise<number> =>
  manager.countBy(TrainingClass, { projectId });

export const classById: Batch<string, TrainingClass> = async ({ db }, keys) =>
  inOrder(
    keys,
    await db.manager.findBy(TrainingClass, { id: In(keys.filter(isUuid)) }),
    ({ id }) => id,
  );

export const classesOfProject: Batch<string, TrainingClass[]> = async ({ db }, keys) =>
  grouped(
    keys,
    await db.manager.find(TrainingClass, {
      where: { projectId: In([...keys]) },
      order: { number: 'ASC' },
    }),
    ({ projectId }) => projectId,
  );

export const projectById: Batch<string, TrainingProject> = async ({ db }, keys) =>
  inOrder(
    keys,
    // By its name: another slice's entity is known here as a type only.
    await db.manager.findBy<TrainingProject>('TrainingProject', { id: In(keys.filter(isUuid)) }),
    ({ id }) => id,
  );

/** The project that a row of this service belongs to. */
export async function requireProject(context: Context, id: string): Promise<TrainingProject> {
  const project = await load(context, projectById, id);
  if (!project) throw notFound(PROJECT, id);
  return project;
}

/** The class that a row of this service belongs to. */
export async function requireClass(context: Context, id: string): Promise<TrainingClass> {
  const trainingClass = await load(context, classById, id);
  if (!trainingClass) throw notFound(CLASS, id);
  return trainingClass;
}

/** Classes by id, null for those of projects that the caller may not see. */
export const visibleClassById: Batch<string, TrainingClass> = async ({ db, actor }, keys) => {
  const scope = actor && classScope(actor);
  if (!scope) return keys.map(() => null);
  const rows: { id: string }[] = await db.query(
    `SELECT c.id FROM training_class c JOIN training_project p ON p.id = c.project_id
     WHERE c.id = ANY($2::uuid[]) AND ${scope.where}`,
    [scope.value, keys.filter(isUuid)],
  );
  const classes = await db.manager.findBy(TrainingClass, { id: In(rows.map((row) => row.id)) });
  return inOrder(keys, classes, ({ id }) => id);
};

/** As projects are seen: organised below or above one's unit, delivered, or one's own training. */
function classScope(actor: Actor): { where: string; value: string } | null {
  if (actor.role === 'PLATFORM') return null;
  if (actor.role === 'INSTITUTION') {
    const where = `EXISTS (SELECT 1 FROM training_institution i
      WHERE i.code = $1 AND i.id = ANY(p.deliverer_ids))`;
    return actor.institution ? { where, value: actor.institution } : null;
  }
  const above = `EXISTS (SELECT 1 FROM org_unit own JOIN org_unit o ON o.code = p.organiser_code
    WHERE own.code = $1 AND own.path >= o.path AND own.path < o.path || '/')`;
  if (actor.role === 'TEACHER') return { where: above, value: actor.unit };
  const below = `EXISTS (SELECT 1 FROM org_unit o
    WHERE o.code = p.organiser_code AND ${within('o.path', '$1')})`;
  return { where: `(${above} OR ${below})`, value: actor.unit };
}
