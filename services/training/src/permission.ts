import type { Acting } from '@yanxiu/registry/permission';
import { accepted, denied, type Permission } from '@yanxiu/subgraph/decision';
import { all, inRole } from '@yanxiu/subgraph/permission';

/** Whether she acts for exactly this unit: as its OFFICER, or as the COORDINATOR of this school. */
export const actsFor = (actor: Acting, unitCode: string): Permission =>
  all(
    inRole(actor, 'OFFICER', 'COORDINATOR'),
    actor.unit === unitCode
      ? accepted()
      : denied(
          `此操作由单位 ${unitCode} 办理；您代表的单位是 ${actor.unit}。`,
          `This is for unit ${unitCode} to do; you act for ${actor.unit}.`,
        ),
    actor.role !== 'COORDINATOR' || actor.place.tier === 'SCHOOL'
      ? accepted()
      : denied(
          '学校培训管理员只能代表学校办理。',
          'A coordinator acts for a school; this takes an officer.',
        ),
  );
