import { ofTier, type Acting } from '@yanxiu/registry/permission';
import { accepted, refused, type Decision, type Permission } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';
import type { Accreditation, InstitutionSuspension, TrainingInstitution } from './entity.js';

const department = (actor: Acting): Permission =>
  all(inRole(actor, 'OFFICER'), ofTier(actor, ['PROVINCE', 'CITY']));

/** Who may: each province or city for itself, whichever has registered the institution. */
export const may = rights({
  register: department,
  accredit: department,
  suspend: department,
  reinstate: department,
});

/** What is known of an institution where its right to deliver is judged. */
export interface Standing {
  institution: Pick<TrainingInstitution, 'code' | 'name'>;
  accreditations: readonly Pick<
    Accreditation,
    'sectors' | 'categories' | 'validFrom' | 'validTo'
  >[];
  /** Those that bind the organiser. */
  suspensions: readonly Pick<InstitutionSuspension, 'from' | 'reinstatedOn'>[];
}

/** True when the suspension holds on the day. */
export const holdsOn = (
  suspension: Pick<InstitutionSuspension, 'from' | 'reinstatedOn'>,
  day: string,
): boolean =>
  suspension.from <= day && (suspension.reinstatedOn === null || day < suspension.reinstatedOn);

/** INST-ACCREDITED: accredited for the sector and category on the day, and not suspended. */
export function institutionAccredited(
  { institution, accreditations, suspensions }: Standing,
  sector: string,
  category: string,
  day: string,
): Decision {
  if (suspensions.some((suspension) => holdsOn(suspension, day))) {
    return refused(
      'INST-ACCREDITED',
      `承训机构 ${institution.name}（${institution.code}）已被暂停资格（三（六））。`,
      `The institution ${institution.code} is suspended (§3.6).`,
      { institutionCode: institution.code },
    );
  }
  const fits = accreditations.some(
    (accreditation) =>
      accreditation.sectors.includes(sector) &&
      accreditation.categories.includes(category) &&
      accreditation.validFrom <= day &&
      day <= accreditation.validTo,
  );
  if (fits) return accepted();
  return refused(
    'INST-ACCREDITED',
    `承训机构 ${institution.name}（${institution.code}）在 ${day} 不具备 ${sector}／${category} 的资质。`,
    `The institution ${institution.code} is not accredited for ${sector}, ${category} on ${day} (§3.6).`,
    { institutionCode: institution.code },
  );
}
