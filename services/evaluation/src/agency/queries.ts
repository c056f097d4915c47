import { In, type EntityManager } from 'typeorm';
import { grouped, type Batch, type Context } from '@yanxiu/subgraph/context';
import { agencyOf } from '../project/queries.js';
import { rubricResult, type ChannelResult } from '../project/rules.js';
import { AgencyAssessment } from './entity.js';

/** Result of the agencies' channel. */
export async function agencyResult(
  manager: EntityManager,
  evaluationId: string,
): Promise<ChannelResult> {
  return rubricResult(await manager.findBy(AgencyAssessment, { evaluationId }));
}

/** Assessments of an evaluation; an evaluator's own agency's only. Ask only for what is visible. */
export const assessmentsByEvaluation: Batch<string, AgencyAssessment[]> = async (
  context: Context,
  keys,
) => {
  const own = context.actor?.role === 'EVALUATOR' ? { agencyCode: agencyOf(context.actor) } : {};
  const rows = await context.db.manager.find(AgencyAssessment, {
    where: { evaluationId: In([...keys]), ...own },
    order: { submittedAt: 'ASC', id: 'ASC' },
  });
  return grouped(keys, rows, (row) => row.evaluationId);
};
