import type { DataSource, EntityManager } from 'typeorm';

const REWRITTEN = ['signed_token', 'spent_token', 'anonymous_response'] as const;

/**
 * Writes all rows of a project anew in random order within one transaction, so that neither their
 * place in the table nor their transaction ids (xmin) tell when or in what order they came.
 */
export async function mixProject(manager: EntityManager, projectId: string): Promise<void> {
  for (const table of REWRITTEN) {
    await manager.query(
      `WITH taken AS (DELETE FROM ${table} WHERE project_id = $1 RETURNING *)
       INSERT INTO ${table} SELECT * FROM taken ORDER BY random()`,
      [projectId],
    );
  }
}

/** Mixes every open project whose rows came by more than one transaction; how many it mixed. */
export async function mixOpenProjects(db: DataSource): Promise<number> {
  const rows: { project_id: string }[] = await db.query(
    `SELECT e.project_id FROM project_evaluation e
     WHERE e.state = 'OPEN' AND EXISTS (
       SELECT 1 FROM (
         SELECT xmin FROM signed_token s WHERE s.project_id = e.project_id
         UNION ALL SELECT xmin FROM spent_token s WHERE s.project_id = e.project_id
         UNION ALL SELECT xmin FROM anonymous_response r WHERE r.project_id = e.project_id
       ) AS written HAVING count(DISTINCT xmin::text) > 1)
     ORDER BY e.project_id`,
  );
  for (const { project_id: projectId } of rows) {
    await db.transaction(async (manager) => {
      await manager.query('SELECT 1 FROM project_evaluation WHERE project_id = $1 FOR UPDATE', [
        projectId,
      ]);
      await mixProject(manager, projectId);
    });
  }
  return rows.length;
}
