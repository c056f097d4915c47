import type { Tx } from '@yanxiu/messaging/transaction';
import { pooledAnswers } from '../anonymous/queries.js';
import { cronbachAlpha, overallScore } from '../anonymous/rules.js';

/**
 * Keeps the answers of a project with too few for the institution's pool. A pool is shown once it
 * has enough, and is then never added to: two pools that differ by one small project would show
 * that project's answers (EVAL-ANON).
 */
export async function poolAnswers(
  tx: Tx,
  institutionId: string,
  projectId: string,
  minResponses: number,
): Promise<void> {
  const { manager, now } = tx;
  await manager.query('INSERT INTO pooled_project (institution_id, project_id) VALUES ($1, $2)', [
    institutionId,
    projectId,
  ]);
  const rows: { project_id: string }[] = await manager.query(
    'SELECT project_id FROM pooled_project WHERE institution_id = $1 AND pool_id IS NULL',
    [institutionId],
  );
  const projectIds = rows.map((row) => row.project_id);
  const answers = await pooledAnswers(manager, projectIds);
  if (answers.length === 0 || answers.length < minResponses) return;
  const id = tx.newId();
  await manager.query(
    `INSERT INTO pooled_result (id, institution_id, projects, responses, score, alpha, pooled_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      id,
      institutionId,
      projectIds.length,
      answers.length,
      overallScore(answers),
      cronbachAlpha(answers),
      now,
    ],
  );
  await manager.query(
    `UPDATE pooled_project SET pool_id = $1
     WHERE institution_id = $2 AND project_id = ANY($3::uuid[])`,
    [id, institutionId, projectIds],
  );
}
