import { In, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import { within } from '@yanxiu/registry/org-unit';
import type { Actor, Role } from '@yanxiu/subgraph/actor';
import { grouped, inOrder, nowOf, requireActor } from '@yanxiu/subgraph/context';
import type { Batch, Context } from '@yanxiu/subgraph/context';
import { badInput, notFound } from '@yanxiu/subgraph/errors';
import { connectionOf, pageOf, type Connection, type PageArgs } from '@yanxiu/subgraph/pagination';
import { isUuid } from '../columns.js';
import { projectsWithSubmittedScheme } from '../scheme/queries.js';
import { ProjectStep, TrainingProject, type ProjectLevel, type ProjectStatus } from './entity.js';
import { nextAuthority } from './rules.js';
import { TO_BE_ASSESSED } from './steps.js';

const DAY_MS = 86_400_000;

/** Who reads projects; PLATFORM sees no business data. */
const READERS: Role[] = [
  'OFFICER',
  'COORDINATOR',
  'INSTITUTION',
  'TEACHER',
  'EVALUATOR',
  'FINANCE',
  'AUDITOR',
  'ANALYST',
];

/** The project, whoever asks; null when there is none. */
export async function findProject(
  manager: EntityManager,
  id: string,
): Promise<TrainingProject | null> {
  return isUuid(id) ? manager.findOneBy(TrainingProject, { id }) : null;
}

/** The project under a row lock (SELECT … FOR UPDATE); NOT_FOUND when there is none. */
export async function lockProject(manager: EntityManager, id: string): Promise<TrainingProject> {
  const project = isUuid(id)
    ? await manager.findOne(TrainingProject, {
        where: { id },
        lock: { mode: 'pessimistic_write' },
      })
    : null;
  if (!project) throw notFound({ zh: '培训项目', en: 'training project' }, id);
  return project;
}

const ASSESSED = TO_BE_ASSESSED.map((status) => `'${status}'`).join(', ');

/** SQL over project `p` and its organiser `u`: what the actor may see. */
function scopeOf(actor: Actor): { sql: string; parameters: Record<string, unknown> } {
  switch (actor.role) {
    case 'INSTITUTION':
      return {
        sql: `EXISTS (SELECT 1 FROM training_institution i
                      WHERE i.code = :institution AND i.id = ANY (p.deliverer_ids))`,
        parameters: { institution: actor.institution ?? '' },
      };
    // Its evaluation opens to every agency once the hours are recognised; no agency assesses what a
    // school does for itself (A28).
    case 'EVALUATOR':
      return { sql: `p.level <> 'SCHOOL' AND p.status IN (${ASSESSED})`, parameters: {} };
    case 'TEACHER':
      return {
        sql: `EXISTS (SELECT 1 FROM project_step s WHERE s.project_id = p.id
                      AND s.status IN ('APPROVED', 'ACCEPTED'))`,
        parameters: {},
      };
    default:
      // A county also sees the project of the city above, for which it nominates.
      return {
        sql: `(${within('u.path', ':unit')} OR EXISTS (SELECT 1 FROM org_unit a
               WHERE a.code = :unit AND a.path >= u.path AND a.path < u.path || '/'))`,
        parameters: { unit: actor.unit },
      };
  }
}

function projectsInScope(context: Context, actor: Actor): SelectQueryBuilder<TrainingProject> {
  const { sql, parameters } = scopeOf(actor);
  return context.db.manager
    .createQueryBuilder(TrainingProject, 'p')
    .innerJoin('org_unit', 'u', 'u.code = p.organiserCode')
    .where(sql, parameters);
}

/** The project as the actor may see it. */
export async function trainingProject(
  context: Context,
  id: string,
): Promise<TrainingProject | null> {
  const actor = requireActor(context, ...READERS);
  if (!isUuid(id)) return null;
  return projectsInScope(context, actor).andWhere('p.id = :id', { id }).getOne();
}

/** Projects by id as the actor may see them: for references of other subgraphs. */
export const visibleProjectById: Batch<string, TrainingProject> = async (context, keys) => {
  const { actor } = context;
  if (!actor || !READERS.includes(actor.role)) return keys.map(() => null);
  const ids = keys.filter(isUuid);
  if (ids.length === 0) return keys.map(() => null);
  const rows = await projectsInScope(context, actor)
    .andWhere('p.id = ANY (CAST(:ids AS uuid[]))', { ids })
    .getMany();
  return inOrder(keys, rows, ({ id }) => id);
};

export interface ProjectFilter extends PageArgs {
  under?: string | null;
  status?: ProjectStatus | null;
  level?: ProjectLevel | null;
  year?: number | null;
}

/** Projects as the actor may see them, latest first. */
export async function trainingProjects(
  context: Context,
  filter: ProjectFilter,
): Promise<Connection<TrainingProject>> {
  const page = pageOf(filter, 'uuid');
  const query = projectsInScope(context, requireActor(context, ...READERS));
  if (filter.under) query.andWhere(within('u.path', ':under'), { under: filter.under });
  if (filter.status) query.andWhere('p.status = :status', { status: filter.status });
  if (filter.level) query.andWhere('p.level = :level', { level: filter.level });
  if (filter.year) query.andWhere('p.year = :year', { year: filter.year });
  // Ids are ordered by time.
  if (page.after) query.andWhere('p.id < CAST(:after AS uuid)', { after: page.after[0] });
  const rows = await query
    .orderBy('p.id', 'DESC')
    .limit(page.limit + 1)
    .getMany();
  return connectionOf(rows, page, ({ id }) => [id]);
}

/** A project that waits in its present step, and who has to act next. */
export interface WaitingProject {
  project: TrainingProject;
  days: number;
  authority: NonNullable<ReturnType<typeof nextAuthority>>;
}

export interface WaitingFilter extends PageArgs {
  olderThanDays: number;
  under?: string | null;
  status?: ProjectStatus | null;
}

/** Projects longer than so many days in their present step, oldest first (Q7). */
export async function waitingProjects(
  context: Context,
  filter: WaitingFilter,
): Promise<Connection<WaitingProject>> {
  if (filter.olderThanDays < 0 || filter.olderThanDays > 36_500) {
    throw badInput('天数须在 0 与 36500 之间。', 'olderThanDays is from 0 to 36500.');
  }
  const page = pageOf(filter, 'instant', 'uuid');
  const now = nowOf(context);
  const query = projectsInScope(context, requireActor(context, ...READERS))
    .andWhere("p.status NOT IN ('CLOSED', 'CANCELLED')")
    .andWhere('p.statusSince < :before', {
      before: new Date(now.getTime() - filter.olderThanDays * DAY_MS),
    });
  if (filter.under) query.andWhere(within('u.path', ':under'), { under: filter.under });
  if (filter.status) query.andWhere('p.status = :status', { status: filter.status });
  if (page.after) {
    const [since, id] = page.after;
    query.andWhere(
      '(p.statusSince, p.id) > (CAST(:afterSince AS timestamptz), CAST(:afterId AS uuid))',
      { afterSince: since, afterId: id },
    );
  }
  const projects = await query
    .orderBy('p.statusSince', 'ASC')
    .addOrderBy('p.id', 'ASC')
    .limit(page.limit + 1)
    .getMany();
  const submitted = await projectsWithSubmittedScheme(
    context.db.manager,
    projects.map(({ id }) => id),
  );
  const rows = projects.map((project) => ({
    project,
    days: Math.floor((now.getTime() - project.statusSince.getTime()) / DAY_MS),
    authority: nextAuthority(project, submitted.has(project.id)) ?? ('ORGANISER' as const),
  }));
  return connectionOf(rows, page, ({ project }) => [project.statusSince.toISOString(), project.id]);
}

export const stepsOf: Batch<string, ProjectStep[]> = async ({ db }, keys) =>
  grouped(
    keys,
    await db.manager.find(ProjectStep, {
      where: { projectId: In([...keys]) },
      order: { seq: 'ASC' },
    }),
    ({ projectId }) => projectId,
  );
