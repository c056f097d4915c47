import type { Actor } from '@yanxiu/subgraph/actor';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { inRole, rights } from '@yanxiu/subgraph/permission';

/** Who may: each agency, any project but its own ({@link independent}). */
export const may = rights({ assess: (actor: Actor) => inRole(actor, 'EVALUATOR') });

/** The assessing agency is neither the organiser nor a deliverer (EVAL-INDEPENDENT). */
export function independent(
  agencyCode: string,
  project: { organiserCode: string; delivererCodes: readonly string[] },
): Decision {
  if (agencyCode === project.organiserCode) {
    return refused(
      'EVAL-INDEPENDENT',
      `评估机构 ${agencyCode} 是该项目的举办单位，不得评估自己举办的项目。`,
      `The agency ${agencyCode} organises this project and cannot assess it.`,
    );
  }
  if (project.delivererCodes.includes(agencyCode)) {
    return refused(
      'EVAL-INDEPENDENT',
      `评估机构 ${agencyCode} 是该项目的承训机构，不得评估自己承训的项目。`,
      `The agency ${agencyCode} delivers this project and cannot assess it.`,
    );
  }
  return accepted();
}
