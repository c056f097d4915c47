import type { EntityManager } from 'typeorm';
import { NeedsSurvey } from './entity.js';

/** The survey of a project; null when none was opened. */
export async function findSurveyOf(
  manager: EntityManager,
  projectId: string,
): Promise<NeedsSurvey | null> {
  return manager.findOneBy(NeedsSurvey, { projectId });
}
