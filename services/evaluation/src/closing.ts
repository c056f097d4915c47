import { evaluationClosed } from '@yanxiu/contracts/evaluation';
import type { Tx } from '@yanxiu/messaging/transaction';
import { policiesOn } from '@yanxiu/registry/policy';
import { localDate } from '@yanxiu/subgraph/calendar';
import { enforce } from '@yanxiu/subgraph/decision';
import { agencyResult } from './agency/queries.js';
import { mixProject } from './anonymous/mixing.js';
import { anonymousResultOf } from './anonymous/queries.js';
import { ProjectEvaluation } from './project/entity.js';
import { close, type ChannelResults, type Weights } from './project/rules.js';
import { poolAnswers } from './rating/pooling.js';
import { rateInstitution } from './rating/rating.js';
import { supervisionResult } from './supervision/queries.js';

/**
 * Closes a locked evaluation: freezes its channels' results, then rates its deliverers. It spans
 * the slices, so it stands beside them.
 */
export async function closeEvaluation(tx: Tx, evaluation: ProjectEvaluation): Promise<void> {
  const { manager, now } = tx;
  const today = localDate(now);
  const policies = await policiesOn(manager, today, evaluation.organiserCode);
  const channels: ChannelResults = {
    agency: await agencyResult(manager, evaluation.id),
    anonymous: await anonymousResultOf(manager, evaluation, policies),
    supervision: await supervisionResult(manager, evaluation.id),
  };
  const weights = policies.value<Weights>('evaluation.weights');
  const minResponses = policies.value<number>('evaluation.minResponses');
  const { outcome, composite } = enforce(close(evaluation, channels, weights, minResponses, today));
  const scores = {
    agencyScore: channels.agency.score,
    anonymousScore: channels.anonymous.score,
    supervisionScore: channels.supervision.score,
  };
  await manager.update(
    ProjectEvaluation,
    { id: evaluation.id },
    { state: 'CLOSED', outcome, composite, closedAt: now, channels, ...scores },
  );
  await mixProject(manager, evaluation.projectId);
  await tx.emit(evaluationClosed, evaluation.projectId, {
    evaluationId: evaluation.id,
    projectId: evaluation.projectId,
    outcome,
    composite,
    agency: channels.agency.score,
    anonymous: channels.anonymous.score,
    supervision: channels.supervision.score,
    delivererIds: evaluation.delivererIds,
    at: now.toISOString(),
  });
  // In order of ids: two projects of the same institutions that close at once wait in one line.
  for (const institutionId of [...evaluation.delivererIds].sort()) {
    await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [institutionId]);
    if (outcome === 'COMPOSITE') {
      await rateInstitution(tx, institutionId, evaluation.projectId, policies);
    } else if (channels.anonymous.score === null) {
      await poolAnswers(tx, institutionId, evaluation.projectId, minResponses);
    }
  }
}
