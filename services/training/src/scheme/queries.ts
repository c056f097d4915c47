import { In, type EntityManager } from 'typeorm';
import { grouped, inOrder, type Batch } from '@yanxiu/subgraph/context';
import { isUuid } from '../columns.js';
import { SchemeModule, TrainingScheme } from './entity.js';

/** Which of these projects have a scheme that waits for its review. */
export async function projectsWithSubmittedScheme(
  manager: EntityManager,
  projectIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const schemes = await manager.findBy(TrainingScheme, {
    projectId: In([...projectIds]),
    status: 'SUBMITTED',
  });
  return new Set(schemes.map(({ projectId }) => projectId));
}

export const schemeById: Batch<string, TrainingScheme> = async ({ db }, keys) =>
  inOrder(
    keys,
    await db.manager.findBy(TrainingScheme, { id: In(keys.filter(isUuid)) }),
    ({ id }) => id,
  );

/** Versions of each project's scheme, latest first. */
export const schemesOfProject: Batch<string, TrainingScheme[]> = async ({ db }, keys) =>
  grouped(
    keys,
    await db.manager.find(TrainingScheme, {
      where: { projectId: In([...keys]) },
      order: { version: 'DESC' },
    }),
    ({ projectId }) => projectId,
  );

export const modulesOf: Batch<string, SchemeModule[]> = async ({ db }, keys) =>
  grouped(
    keys,
    await db.manager.find(SchemeModule, {
      where: { schemeId: In([...keys]) },
      order: { ordinal: 'ASC' },
    }),
    ({ schemeId }) => schemeId,
  );
