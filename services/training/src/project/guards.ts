import type { EntityManager } from 'typeorm';
import type { Tx } from '@yanxiu/messaging/transaction';
import { findOrgUnit, superiorOf } from '@yanxiu/registry/org-unit';
import { policiesOn, type PolicySet } from '@yanxiu/registry/policy';
import { requireOrgUnit } from '@yanxiu/registry/scope';
import { localDate } from '@yanxiu/subgraph/calendar';
import { enforce } from '@yanxiu/subgraph/decision';
import { findPlan } from '../annual-plan/queries.js';
import { isFiled } from '../annual-plan/rules.js';
import { trainingSuperior } from '../authority.js';
import { countClasses } from '../class/queries.js';
import { enrolmentProgress } from '../enrolment/queries.js';
import { findInstitution, standingOf } from '../institution/queries.js';
import { institutionAccredited } from '../institution/rules.js';
import { findSurveyOf } from '../survey/queries.js';
import type { TrainingProject } from './entity.js';
import {
  fundsAre,
  hasAny,
  projectFiled,
  projectLevel,
  projectRoles,
  projectTier,
  surveyClosed,
} from './rules.js';
import type { Guard } from './steps.js';

type Check = (tx: Tx, project: TrainingProject) => Promise<void>;

const policiesFor = (tx: Tx, organiserCode: string): Promise<PolicySet> =>
  policiesOn(tx.manager, localDate(tx.now), organiserCode);

/** Loads what each guard's rule needs and asks the rule. */
const CHECKS: Readonly<Record<Guard, Check>> = {
  'PROJECT-TIER': async (tx, project) =>
    enforce(projectTier(project, await policiesFor(tx, project.organiserCode))),
  'PROJECT-LEVEL': async (tx, project) => {
    const organiser = await requireOrgUnit(tx.manager, project.organiserCode);
    const policies = await policiesFor(tx, project.organiserCode);
    enforce(projectLevel(project.level, organiser.tier, policies));
  },
  'PROJECT-ROLES': async (_, project) => enforce(projectRoles(project)),
  'INST-ACCREDITED': async (tx, project) => {
    const day = localDate(tx.now);
    for (const id of project.delivererIds) {
      const institution = await findInstitution(tx.manager, id);
      if (!institution) throw new Error(`deliverer ${id} of project ${project.id} is gone`);
      const standing = await standingOf(tx.manager, institution, project.organiserCode);
      enforce(institutionAccredited(standing, project.sector, project.category, day));
    }
  },
  'PROJECT-FILED': async (tx, { organiserCode, year }) => {
    const plan = await findPlan(tx.manager, organiserCode, year);
    enforce(projectFiled(isFiled(plan), organiserCode, year));
  },
  'PROJECT-SURVEY': async (tx, project) =>
    enforce(surveyClosed((await findSurveyOf(tx.manager, project.id))?.status ?? null)),
  'FUNDS-RESERVED': async (_, project) => enforce(fundsAre('RESERVED', project.fundsState)),
  'FUNDS-COMMITTED': async (_, project) => enforce(fundsAre('COMMITTED', project.fundsState)),
  'HAS-CLASS': async (tx, project) =>
    enforce(hasAny('class', await countClasses(tx.manager, project.id))),
  'HAS-ENROLMENT': async (tx, project) => {
    const { confirmed } = await enrolmentProgress(tx.manager, project.id);
    enforce(hasAny('confirmed enrolment', confirmed));
  },
};

/** Refuses with the guard's rule when it does not hold. */
export const enforceGuard = (guard: Guard, tx: Tx, project: TrainingProject): Promise<void> =>
  CHECKS[guard](tx, project);

/**
 * The unit that approves: the superior of the organiser, the province for its own. A school's own
 * training is filed with the unit that the policy names (SCHOOL-FILING).
 */
export async function approverOf(
  tx: Tx,
  project: Pick<TrainingProject, 'level' | 'sector' | 'organiserCode'>,
): Promise<string> {
  const { level, sector, organiserCode } = project;
  const superior = (await trainingSuperior(tx, organiserCode))?.code ?? organiserCode;
  if (level !== 'SCHOOL') return superior;
  const policies = await policiesFor(tx, organiserCode);
  const tier = policies.value<Record<string, string>>('training.schoolFiling')[sector];
  if (tier === 'SELF') return organiserCode;
  return (await ancestorOfTier(tx.manager, organiserCode, tier)) ?? superior;
}

async function ancestorOfTier(
  manager: EntityManager,
  code: string,
  tier: string | undefined,
): Promise<string | null> {
  let unit = await findOrgUnit(manager, code);
  while (unit && unit.tier !== tier) unit = await superiorOf(manager, unit.code);
  return unit?.code ?? null;
}
