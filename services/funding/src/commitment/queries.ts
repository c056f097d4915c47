import type { EntityManager } from 'typeorm';
import { inOrder, load, type Batch, type Context } from '@yanxiu/subgraph/context';
import type { Bilingual } from '@yanxiu/subgraph/errors';
import { visible } from '../unit/queries.js';
import type { CommitmentAmounts, FundsState } from './rules.js';

/** A project as other subgraphs refer to it. */
export interface ProjectRef {
  id: string;
}

/** The money of a project: its latest request and what became of it. */
export interface ProjectFundsRow {
  projectId: string;
  requestId: string;
  unitCode: string;
  fiscalYear: number;
  amountFen: number;
  state: FundsState;
  budgetId: string | null;
  commitmentId: string | null;
  refusedRule: string | null;
  refusedReason: Bilingual | null;
  changedAt: Date;
}

export interface CommitmentRow extends CommitmentAmounts {
  id: string;
  projectId: string;
  requestId: string;
  budgetId: string | null;
  unitCode: string;
  fiscalYear: number;
  committedAt: Date;
  releasedAt: Date | null;
}

const FUNDS = `SELECT project_id AS "projectId", request_id AS "requestId",
  unit_code AS "unitCode", fiscal_year AS "fiscalYear", amount_fen::float8 AS "amountFen", state,
  budget_id AS "budgetId", commitment_id AS "commitmentId", refused_rule AS "refusedRule",
  refused_reason AS "refusedReason", changed_at AS "changedAt" FROM project_funds`;

const COMMITMENTS = `SELECT id, project_id AS "projectId", request_id AS "requestId",
  budget_id AS "budgetId", unit_code AS "unitCode", fiscal_year AS "fiscalYear",
  amount_fen::float8 AS "amountFen", paid_fen::float8 AS "paidFen",
  released_fen::float8 AS "releasedFen", committed_at AS "committedAt",
  released_at AS "releasedAt" FROM commitment`;

/** The money of a project, locked until the end of the transaction. */
export async function lockFunds(
  manager: EntityManager,
  projectId: string,
): Promise<ProjectFundsRow | null> {
  const rows: ProjectFundsRow[] = await manager.query(`${FUNDS} WHERE project_id = $1 FOR UPDATE`, [
    projectId,
  ]);
  return rows[0] ?? null;
}

/** A commitment, locked until the end of the transaction. */
export async function lockCommitment(
  manager: EntityManager,
  id: string,
): Promise<CommitmentRow | null> {
  const rows: CommitmentRow[] = await manager.query(`${COMMITMENTS} WHERE id = $1 FOR UPDATE`, [
    id,
  ]);
  return rows[0] ?? null;
}

/** Adds to what is paid and released of a commitment. */
export async function moveCommitment(
  manager: EntityManager,
  id: string,
  change: { paidFen: number; releasedFen: number },
): Promise<void> {
  await manager.query(
    `UPDATE commitment SET paid_fen = paid_fen + $2, released_fen = released_fen + $3
     WHERE id = $1`,
    [id, change.paidFen, change.releasedFen],
  );
}

const fundsByProject: Batch<string, ProjectFundsRow> = async ({ db }, ids) => {
  const rows: ProjectFundsRow[] = await db.query(`${FUNDS} WHERE project_id = ANY($1::uuid[])`, [
    ids,
  ]);
  return inOrder(ids, rows, (row) => row.projectId);
};

const commitmentsById: Batch<string, CommitmentRow> = async ({ db }, ids) => {
  const rows: CommitmentRow[] = await db.query(`${COMMITMENTS} WHERE id = ANY($1::uuid[])`, [ids]);
  return inOrder(ids, rows, (row) => row.id);
};

/** The money of a project; null outside the actor's jurisdiction. */
export const fundsOf = async (context: Context, id: string): Promise<ProjectFundsRow | null> =>
  visible(context, await load(context, fundsByProject, id));

/** A commitment; null outside the actor's jurisdiction. */
export const commitmentById = async (context: Context, id: string): Promise<CommitmentRow | null> =>
  visible(context, await load(context, commitmentsById, id));
