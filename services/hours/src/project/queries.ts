import type { EntityManager } from 'typeorm';
import { load, type Batch, type Context } from '@yanxiu/subgraph/context';

/** Which of the projects the actor's institution delivers. */
const delivered: Batch<string, string> = async (context, ids) => {
  const rows: { id: string }[] = await context.db.query(
    `SELECT p.id FROM project_copy p JOIN institution_copy i ON i.id = ANY(p.deliverer_ids)
     WHERE p.id = ANY($1::uuid[]) AND i.code = $2`,
    [ids, context.actor?.institution ?? null],
  );
  const found = new Set(rows.map(({ id }) => id));
  return ids.map((id) => (found.has(id) ? id : null));
};

/** Whether the actor is staff of an institution that delivers the project. */
export const delivers = async (context: Context, projectId: string): Promise<boolean> =>
  context.actor?.role === 'INSTITUTION' && (await load(context, delivered, projectId)) !== null;

/** A project that is over, as far as it is known here. */
export interface FinishedProject {
  projectId: string;
  sector: string;
  delivererIds: readonly string[];
}

/** Keeps projects that are over and of which no event tells; what is known of one stays. */
export async function keepFinished(
  manager: EntityManager,
  projects: readonly FinishedProject[],
): Promise<void> {
  await manager.query(
    `INSERT INTO project_copy (id, deliverer_ids, sector)
     SELECT "projectId", "delivererIds", sector
     FROM jsonb_to_recordset($1::jsonb) AS p("projectId" uuid, "delivererIds" uuid[], sector text)
     ORDER BY 1 ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify(projects)],
  );
}
