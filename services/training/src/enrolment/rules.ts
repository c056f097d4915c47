import type { Actor } from '@yanxiu/subgraph/actor';
import { accepted, refused, type Decision, type Permission } from '@yanxiu/subgraph/decision';
import { rights } from '@yanxiu/subgraph/permission';
import { asRunner, type Delivery } from '../class/rules.js';
import type { EnrolmentStatus } from './entity.js';

/** Whoever runs the project, and those whose participant it is. */
function withdraws(
  actor: Actor,
  { project, sender }: { project: Delivery; sender: { governed: boolean } },
): Permission {
  const sends = actor.role === 'OFFICER' || actor.role === 'COORDINATOR';
  return sends && sender.governed ? accepted() : asRunner(actor, project);
}

/** Who may do what with the places of a class; `sender` is the participant's unit. */
export const may = rights({ confirm: asRunner, withdraw: withdraws });

/** Confirmation takes nominations that wait for it, each asked for and at least one. */
export function mayConfirm(asked: readonly string[] | null, waiting: readonly string[]): Decision {
  const known = new Set(waiting);
  const missing = (asked ?? []).filter((id) => !known.has(id));
  if (missing.length === 0 && waiting.length > 0) return accepted();
  return refused(
    'ENROLMENT-NOMINATED',
    '没有待确认的选派，或所列选派不属于本班次、已确认或已撤回。',
    'No nomination waits here, or one of those asked for is of another class, confirmed or withdrawn.',
    { missing },
  );
}

/** A place can be given up until the class is completed. */
export const mayLeave = (status: EnrolmentStatus): Decision =>
  status === 'CONFIRMED'
    ? accepted()
    : refused(
        'ENROLMENT-OPEN',
        '该学员已结业或已退出。',
        'The enrolment is already completed or withdrawn.',
        { status },
      );
