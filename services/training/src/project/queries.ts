import type { EntityManager } from 'typeorm';
import { notFound } from '@yanxiu/subgraph/errors';
import { isUuid } from '../columns.js';
import { TrainingProject } from './entity.js';

/** The project, whoever asks; null when there is none. */
export async function findProject(
  manager: EntityManager,
  id: string,
): Promise<TrainingProject | null> {
  return isUuid(id) ? manager.findOneBy(TrainingProject, { id }) : null;
}

/** The project under a row lock (SELECT … FOR UPDATE); NOT_FOUND when there is none. */
export async function lockProject(manager: EntityManager, id: string): Promise<TrainingProject> {
  const project = isUuid(id)
    ? await manager.findOne(TrainingProject, {
        where: { id },
        lock: { mode: 'pessimistic_write' },
      })
    : null;
  if (!project) throw notFound({ zh: '培训项目', en: 'training project' }, id);
  return project;
}
