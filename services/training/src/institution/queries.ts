import type { EntityManager } from 'typeorm';
import { isUuid } from '../columns.js';
import { TrainingInstitution } from './entity.js';

/** The institution with this id; null when there is none. */
export async function findInstitution(
  manager: EntityManager,
  id: string,
): Promise<TrainingInstitution | null> {
  return isUuid(id) ? manager.findOneBy(TrainingInstitution, { id }) : null;
}

/** The institution with this code, e.g. that of an INSTITUTION token; null when there is none. */
export async function findInstitutionByCode(
  manager: EntityManager,
  code: string,
): Promise<TrainingInstitution | null> {
  return manager.findOneBy(TrainingInstitution, { code });
}

/** True when the institution of an INSTITUTION token is among these deliverers. */
export async function isDeliverer(
  manager: EntityManager,
  institutionCode: string | undefined,
  delivererIds: readonly string[],
): Promise<boolean> {
  if (!institutionCode) return false;
  const institution = await findInstitutionByCode(manager, institutionCode);
  return institution !== null && delivererIds.includes(institution.id);
}
