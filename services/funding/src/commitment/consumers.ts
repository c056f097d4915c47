import {
  fundsCommitted,
  fundsRefused,
  fundsReleased,
  fundsReserved,
} from '@yanxiu/contracts/funding';
import {
  projectCancelled,
  projectFiled,
  projectRejected,
  projectReturned,
  projectSubmitted,
  type ProjectData,
} from '@yanxiu/contracts/training';
import { on, type EventHandler } from '@yanxiu/messaging/handlers';
import type { Tx } from '@yanxiu/messaging/transaction';
import type { Refusal } from '@yanxiu/subgraph/decision';
import { lockBalances, post } from '../ledger/queries.js';
import { move } from '../ledger/rules.js';
import { lockCommitment, lockFunds, moveCommitment, type ProjectFundsRow } from './queries.js';
import { alreadyCommitted, mayReserve, remaining, type FundsState } from './rules.js';

/** Reserves, commits and releases as a project goes on. */
export const handlers: readonly EventHandler[] = [
  on(projectSubmitted, ({ data }, tx) => submitted(tx, data, data.requestId)),
  on(projectFiled, ({ data }, tx) => filed(tx, data)),
  on(projectReturned, async ({ data }, tx) => {
    const funds = await lockFunds(tx.manager, data.projectId);
    if (funds?.requestId === data.requestId) await release(tx, funds);
  }),
  ...[projectCancelled, projectRejected].map((contract) =>
    on(contract, async ({ data }, tx) => {
      const funds = await lockFunds(tx.manager, data.projectId);
      if (funds) await release(tx, funds);
    }),
  ),
];

/** Answers a submission; one that came before and was never used gives its money back first. */
async function submitted(tx: Tx, data: ProjectData, requestId: string): Promise<void> {
  const earlier = await lockFunds(tx.manager, data.projectId);
  if (earlier?.requestId === requestId) return;
  if (earlier?.state === 'COMMITTED') {
    const { refusal } = alreadyCommitted(earlier.amountFen);
    await tellRefused(tx, requestOf(data, requestId), refusal);
    return;
  }
  if (earlier) await release(tx, earlier);
  await reserve(tx, data, requestId);
}

type Request = Pick<
  ProjectFundsRow,
  'projectId' | 'requestId' | 'unitCode' | 'fiscalYear' | 'amountFen'
>;

const requestOf = (data: ProjectData, requestId: string): Request => ({
  projectId: data.projectId,
  requestId,
  unitCode: data.organiserCode,
  fiscalYear: data.year,
  amountFen: data.budgetFen,
});

async function reserve(tx: Tx, data: ProjectData, requestId: string): Promise<void> {
  const { manager } = tx;
  const request = requestOf(data, requestId);
  const { projectId, unitCode, fiscalYear, amountFen } = request;
  const rows: { id: string }[] = await manager.query(
    'SELECT id FROM budget WHERE unit_code = $1 AND fiscal_year = $2',
    [unitCode, fiscalYear],
  );
  const budgetId = rows[0]?.id ?? null;
  // The lock makes submissions that race for the same money wait for one another.
  const available = budgetId === null ? null : (await lockBalances(manager, budgetId)).AVAILABLE;
  const decision = mayReserve(request, available);
  if (!decision.accepted) {
    await save(tx, request, { state: 'REFUSED', budgetId, refusal: decision.refusal });
    await tellRefused(tx, request, decision.refusal);
    return;
  }
  if (budgetId !== null) {
    const lines = move('AVAILABLE', 'RESERVED', amountFen);
    await post(tx, { budgetId, kind: 'RESERVE', lines, projectId, requestId });
  }
  await save(tx, request, { state: 'RESERVED', budgetId });
  await tx.emit(fundsReserved, projectId, factsOf(tx, request));
}

/** FILED turns the reservation into a commitment; a school's own filing asks only here. */
async function filed(tx: Tx, data: ProjectData): Promise<void> {
  const earlier = await lockFunds(tx.manager, data.projectId);
  if (earlier?.state === 'COMMITTED') return;
  if (earlier?.state !== 'RESERVED') await reserve(tx, data, tx.newId());
  const funds = await lockFunds(tx.manager, data.projectId);
  if (funds?.state === 'RESERVED') await commit(tx, funds);
}

async function commit(tx: Tx, funds: ProjectFundsRow): Promise<void> {
  const { projectId, requestId, unitCode, fiscalYear, amountFen, budgetId } = funds;
  if (budgetId !== null) {
    await lockBalances(tx.manager, budgetId);
    const lines = move('RESERVED', 'COMMITTED', amountFen);
    await post(tx, { budgetId, kind: 'COMMIT', lines, projectId, requestId });
  }
  const commitmentId = tx.newId();
  await tx.manager.query(
    `INSERT INTO commitment (id, project_id, request_id, budget_id, unit_code, fiscal_year,
       amount_fen, committed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [commitmentId, projectId, requestId, budgetId, unitCode, fiscalYear, amountFen, tx.now],
  );
  await save(tx, funds, { state: 'COMMITTED', budgetId, commitmentId });
  await tx.emit(fundsCommitted, projectId, { ...factsOf(tx, funds), commitmentId });
}

/** Frees what is reserved, or what is committed and not paid. */
async function release(tx: Tx, funds: ProjectFundsRow): Promise<void> {
  const { projectId, requestId, budgetId, commitmentId, state } = funds;
  if (state !== 'RESERVED' && state !== 'COMMITTED') return;
  const commitment =
    state === 'COMMITTED' && commitmentId ? await lockCommitment(tx.manager, commitmentId) : null;
  const amountFen = commitment ? remaining(commitment) : funds.amountFen;
  if (budgetId !== null) {
    await lockBalances(tx.manager, budgetId);
    const lines = move(state, 'AVAILABLE', amountFen);
    await post(tx, { budgetId, kind: 'RELEASE', lines, projectId, requestId });
  }
  if (commitment) {
    await moveCommitment(tx.manager, commitment.id, { paidFen: 0, releasedFen: amountFen });
    await tx.manager.query('UPDATE commitment SET released_at = $2 WHERE id = $1', [
      commitment.id,
      tx.now,
    ]);
  }
  await save(tx, funds, { state: 'RELEASED', budgetId, commitmentId });
  await tx.emit(fundsReleased, projectId, { ...factsOf(tx, funds), amountFen });
}

interface Outcome {
  state: FundsState;
  budgetId: string | null;
  commitmentId?: string | null;
  refusal?: Refusal;
}

async function save(tx: Tx, request: Request, outcome: Outcome): Promise<void> {
  const { refusal } = outcome;
  await tx.manager.query(
    `INSERT INTO project_funds (project_id, request_id, unit_code, fiscal_year, amount_fen, state,
       budget_id, commitment_id, refused_rule, refused_reason, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (project_id) DO UPDATE SET request_id = excluded.request_id,
       unit_code = excluded.unit_code, fiscal_year = excluded.fiscal_year,
       amount_fen = excluded.amount_fen, state = excluded.state, budget_id = excluded.budget_id,
       commitment_id = excluded.commitment_id, refused_rule = excluded.refused_rule,
       refused_reason = excluded.refused_reason, changed_at = excluded.changed_at`,
    [
      request.projectId,
      request.requestId,
      request.unitCode,
      request.fiscalYear,
      request.amountFen,
      outcome.state,
      outcome.budgetId,
      outcome.commitmentId ?? null,
      refusal?.rule ?? null,
      refusal ? JSON.stringify(refusal.text) : null,
      tx.now,
    ],
  );
}

const tellRefused = (tx: Tx, request: Request, { rule, text }: Refusal): Promise<void> =>
  tx.emit(fundsRefused, request.projectId, { ...factsOf(tx, request), rule, reason: text });

const factsOf = (tx: Tx, request: Request) => ({
  projectId: request.projectId,
  requestId: request.requestId,
  unitCode: request.unitCode,
  fiscalYear: request.fiscalYear,
  amountFen: request.amountFen,
  at: tx.now.toISOString(),
});
