import { In, type EntityManager } from 'typeorm';
import { within } from '@yanxiu/registry/org-unit';
import type { Actor } from '@yanxiu/subgraph/actor';
import { inOrder, requireActor, type Batch, type Context } from '@yanxiu/subgraph/context';
import { notFound } from '@yanxiu/subgraph/errors';
import { connectionOf, pageOf, type Connection, type PageArgs } from '@yanxiu/subgraph/pagination';
import { ProjectEvaluation, type EvaluationState } from './entity.js';

export type { ProjectEvaluation } from './entity.js';

const evaluationOf = { zh: '项目评估', en: 'evaluation of the project' };

/** SQL over the alias `e` that holds for what the actor may see; its parameter is `$1`. */
export function visibleTo(actor: Actor): { sql: string; parameter: string } {
  switch (actor.role) {
    case 'OFFICER':
    case 'COORDINATOR':
    case 'FINANCE':
    case 'AUDITOR':
    case 'ANALYST':
      return {
        sql: `EXISTS (SELECT 1 FROM org_unit u
              WHERE u.code = e.organiser_code AND ${within('u.path', '$1')})`,
        parameter: actor.unit,
      };
    case 'INSTITUTION':
      return {
        sql: `(e.state = 'CLOSED' AND e.deliverer_ids
              && ARRAY(SELECT i.id FROM institution i WHERE i.code = $1))`,
        parameter: actor.institution ?? '',
      };
    case 'EVALUATOR':
      return {
        sql: `(e.state = 'OPEN' OR EXISTS (SELECT 1 FROM agency_assessment a
              WHERE a.evaluation_id = e.id AND a.agency_code = $1))`,
        parameter: agencyOf(actor),
      };
    case 'TEACHER':
      return { sql: `(e.state = 'CLOSED' AND $1 <> '')`, parameter: actor.subject };
    case 'PLATFORM':
      return { sql: '$1::text IS NULL', parameter: actor.unit };
  }
}

/** Code of the agency that an evaluator acts for. */
export const agencyOf = (actor: Actor): string => actor.institution ?? actor.unit;

/** Evaluations by project id, of those that the caller may see. */
export const evaluationByProject: Batch<string, ProjectEvaluation> = async (context, keys) =>
  inOrder(keys, await visible(context, 'project_id', keys), (row) => row.projectId);

/** Evaluations by id, of those that the caller may see. */
export const evaluationById: Batch<string, ProjectEvaluation> = async (context, keys) =>
  inOrder(keys, await visible(context, 'id', keys), (row) => row.id);

async function visible(
  context: Context,
  column: 'id' | 'project_id',
  keys: readonly string[],
): Promise<ProjectEvaluation[]> {
  const { actor, db } = context;
  const wanted = keys.filter((key) => UUID.test(key));
  if (!actor || wanted.length === 0) return [];
  const { sql, parameter } = visibleTo(actor);
  const rows: { id: string }[] = await db.query(
    `SELECT e.id FROM project_evaluation e WHERE ${sql} AND e.${column} = ANY($2::uuid[])`,
    [parameter, wanted],
  );
  return db.manager.findBy(ProjectEvaluation, { id: In(rows.map(({ id }) => id)) });
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The evaluation of a project; NOT_FOUND when the caller may not see it. */
export async function projectEvaluation(
  context: Context,
  projectId: string,
): Promise<ProjectEvaluation> {
  requireActor(context);
  const [row] = await visible(context, 'project_id', [projectId]);
  if (!row) throw notFound(evaluationOf, projectId);
  return row;
}

/** A page of the evaluations that the caller may see. */
export async function projectEvaluations(
  context: Context,
  args: PageArgs & { state?: EvaluationState | null; year?: number | null },
): Promise<Connection<ProjectEvaluation>> {
  const { sql, parameter } = visibleTo(requireActor(context));
  const page = pageOf(args, 'integer', 'uuid');
  const rows: { id: string }[] = await context.db.query(
    `SELECT e.id FROM project_evaluation e
     WHERE ${sql} AND ($2::text IS NULL OR e.state = $2) AND ($3::int IS NULL OR e.year = $3)
       AND ($4::int IS NULL OR (e.year, e.id) < ($4, $5::uuid))
     ORDER BY e.year DESC, e.id DESC LIMIT $6`,
    [
      parameter,
      args.state ?? null,
      args.year ?? null,
      page.after?.[0] ?? null,
      page.after?.[1] ?? null,
      page.limit + 1,
    ],
  );
  const ids = rows.map(({ id }) => id);
  const found = await context.db.manager.findBy(ProjectEvaluation, { id: In(ids) });
  const ordered = inOrder(ids, found, (row) => row.id).filter((row) => row !== null);
  return connectionOf(ordered, page, (row) => [String(row.year), row.id]);
}

/** The evaluation of a project under a row lock, for a command. */
export async function lockEvaluation(
  manager: EntityManager,
  projectId: string,
  mode: 'pessimistic_write' | 'pessimistic_read' = 'pessimistic_write',
): Promise<ProjectEvaluation> {
  const row = UUID.test(projectId)
    ? await manager.findOne(ProjectEvaluation, { where: { projectId }, lock: { mode } })
    : null;
  if (!row) throw notFound(evaluationOf, projectId);
  return row;
}

/** Closed evaluations with a composite of the projects that an institution delivered. */
export async function compositesOf(
  manager: EntityManager,
  institutionId: string,
): Promise<ProjectEvaluation[]> {
  return manager
    .createQueryBuilder(ProjectEvaluation, 'e')
    .where(`e.outcome = 'COMPOSITE' AND e.delivererIds @> ARRAY[:institutionId]::uuid[]`, {
      institutionId,
    })
    .orderBy('e.closedAt')
    .addOrderBy('e.id')
    .getMany();
}

/** Whether a project's evaluation is open. */
export const isOpen = (manager: EntityManager, projectId: string): Promise<boolean> =>
  manager.existsBy(ProjectEvaluation, { projectId, state: 'OPEN' });

/** Institutions by id, as training registered them. */
export async function institutionCodes(
  manager: EntityManager,
  ids: readonly string[],
): Promise<{ id: string; code: string }[]> {
  return manager.query('SELECT id, code FROM institution WHERE id = ANY($1::uuid[])', [ids]);
}
