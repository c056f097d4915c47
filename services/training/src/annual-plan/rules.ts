import type { Acting } from '@yanxiu/registry/permission';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { rights } from '@yanxiu/subgraph/permission';
import { actsFor } from '../permission.js';
import type { AnnualPlan, PlanStatus } from './entity.js';

/** A plan that counts as filed with the unit above. */
export const isFiled = (plan: Pick<AnnualPlan, 'status'> | null): boolean =>
  plan?.status === 'FILED' || plan?.status === 'ACCEPTED';

const asUnit = (actor: Acting, { unitCode }: Pick<AnnualPlan, 'unitCode'>) =>
  actsFor(actor, unitCode);
const asSuperior = (actor: Acting, { superiorCode }: Pick<AnnualPlan, 'superiorCode'>) =>
  actsFor(actor, superiorCode);

/** Who may: a unit writes and files its own, the unit above decides on it. */
export const may = rights({
  draft: asUnit,
  file: asUnit,
  accept: asSuperior,
  return: asSuperior,
});

const STEPS: Readonly<Record<'draft' | 'file' | 'decide', readonly PlanStatus[]>> = {
  draft: ['DRAFT', 'RETURNED'],
  file: ['DRAFT', 'RETURNED'],
  decide: ['FILED'],
};

/** Whether a plan with this status may be written, filed, or accepted and returned. */
export function planStep(step: keyof typeof STEPS, status: PlanStatus): Decision {
  if (STEPS[step].includes(status)) return accepted();
  return refused(
    'PLAN-ANNUAL',
    `年度计划当前状态为 ${status}，不能进行此操作。`,
    `The annual plan is ${status}: this step is not open. It takes ${STEPS[step].join(' or ')}.`,
  );
}

/** The province's own plan needs no acceptance (PLAN-ANNUAL: every unit below it files). */
export const statusWhenFiled = (hasSuperior: boolean): PlanStatus =>
  hasSuperior ? 'FILED' : 'ACCEPTED';
