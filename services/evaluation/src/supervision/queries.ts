import { In, type EntityManager } from 'typeorm';
import { grouped, type Batch } from '@yanxiu/subgraph/context';
import { rubricResult, type ChannelResult } from '../project/rules.js';
import { Supervision } from './entity.js';

/** Result of the inspections' channel. */
export async function supervisionResult(
  manager: EntityManager,
  evaluationId: string,
): Promise<ChannelResult> {
  return rubricResult(await manager.findBy(Supervision, { evaluationId }));
}

/** Inspections of an evaluation. Ask only for what is visible. */
export const supervisionsByEvaluation: Batch<string, Supervision[]> = async ({ db }, keys) => {
  const rows = await db.manager.find(Supervision, {
    where: { evaluationId: In([...keys]) },
    order: { visitedOn: 'ASC', id: 'ASC' },
  });
  return grouped(keys, rows, (row) => row.evaluationId);
};
