import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { takesResponses } from './rules.js';

/** A verified response on its way into the database. */
export interface Redemption {
  projectId: string;
  tokenHash: string;
  /** Hash over token and answers: tells a repetition from another response. */
  fingerprint: string;
  answers: readonly number[];
}

export type RedemptionOutcome = 'STORED' | 'SAME' | 'OTHER' | 'CLOSED';

/**
 * Stores a batch in one transaction, in the order of the tokens' hashes and of random ids: neither
 * tells the order of arrival, and two processes cannot wait for each other in a circle.
 */
export async function redeemAll(
  manager: EntityManager,
  batch: readonly Redemption[],
  today: string,
): Promise<RedemptionOutcome[]> {
  const open = await openProjects(manager, batch, today);
  const byToken = new Map<string, Redemption>();
  for (const each of batch) {
    if (open.has(each.projectId) && !byToken.has(each.tokenHash)) byToken.set(each.tokenHash, each);
  }
  const candidates = [...byToken.values()].sort((a, b) => (a.tokenHash < b.tokenHash ? -1 : 1));
  const stored = new Set(await spend(manager, candidates));
  await insertResponses(
    manager,
    candidates.filter(({ tokenHash }) => stored.has(tokenHash)),
  );
  const spent = await fingerprints(manager, batch);
  return batch.map((each) => {
    const fingerprint = spent.get(each.tokenHash);
    if (fingerprint === undefined) return 'CLOSED';
    if (fingerprint !== each.fingerprint) return 'OTHER';
    return byToken.get(each.tokenHash) === each && stored.has(each.tokenHash) ? 'STORED' : 'SAME';
  });
}

/** Projects that take responses, locked against being closed meanwhile. */
async function openProjects(
  manager: EntityManager,
  batch: readonly Redemption[],
  today: string,
): Promise<Set<string>> {
  const rows: { project_id: string; state: string; deadline: string | null }[] =
    await manager.query(
      `SELECT project_id, state, deadline::text AS deadline FROM project_evaluation
       WHERE project_id = ANY($1::uuid[]) ORDER BY project_id FOR SHARE`,
      [[...new Set(batch.map(({ projectId }) => projectId))]],
    );
  return new Set(
    rows.filter((row) => takesResponses(row, today)).map(({ project_id }) => project_id),
  );
}

async function spend(manager: EntityManager, tokens: readonly Redemption[]): Promise<string[]> {
  if (tokens.length === 0) return [];
  const rows: { token_hash: string }[] = await manager.query(
    `INSERT INTO spent_token (token_hash, fingerprint, project_id)
     SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[])
     ON CONFLICT (token_hash) DO NOTHING RETURNING token_hash`,
    [
      tokens.map(({ tokenHash }) => tokenHash),
      tokens.map(({ fingerprint }) => fingerprint),
      tokens.map(({ projectId }) => projectId),
    ],
  );
  return rows.map((row) => row.token_hash);
}

async function insertResponses(
  manager: EntityManager,
  responses: readonly Redemption[],
): Promise<void> {
  const rows = responses.map(({ projectId, answers }) => ({
    id: randomUUID(),
    projectId,
    answers,
  }));
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  if (rows.length === 0) return;
  await manager.query(
    `INSERT INTO anonymous_response (id, project_id, answers)
     SELECT id, project_id, answers::smallint[]
     FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS r (id, project_id, answers)`,
    [
      rows.map(({ id }) => id),
      rows.map(({ projectId }) => projectId),
      rows.map(({ answers }) => `{${answers.join(',')}}`),
    ],
  );
}

async function fingerprints(
  manager: EntityManager,
  batch: readonly Redemption[],
): Promise<Map<string, string>> {
  const rows: { token_hash: string; fingerprint: string }[] = await manager.query(
    'SELECT token_hash, fingerprint FROM spent_token WHERE token_hash = ANY($1::text[])',
    [batch.map(({ tokenHash }) => tokenHash)],
  );
  return new Map(rows.map((row) => [row.token_hash, row.fingerprint]));
}
