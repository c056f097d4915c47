import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import type { AnnualPlan, PlanStatus } from './entity.js';

/** A plan that counts as filed with the unit above. */
export const isFiled = (plan: Pick<AnnualPlan, 'status'> | null): boolean =>
  plan?.status === 'FILED' || plan?.status === 'ACCEPTED';

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
