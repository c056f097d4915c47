import { contains, governs, type AuthorityModel } from '@yanxiu/registry/governance';
import type { OrgUnit, Tier } from '@yanxiu/registry/org-unit';
import { over, type Acting } from '@yanxiu/registry/permission';
import type { Role } from '@yanxiu/subgraph/actor';
import { accepted, refused, type Decision, type Permission } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';

type Unit = Pick<OrgUnit, 'code' | 'tier' | 'sector' | 'path'>;

/** What is assigned, with what the registry knows of it. */
export interface Assigned {
  subject: string;
  role: Role;
  unit: Unit;
  /** Units that have accredited the institution named; null when none is named. */
  institution: { code: string; accreditedBy: readonly string[] } | null;
  /** Unit of the present post of the teacher named; null when none is named. */
  teacher: { unitCode: string | null } | null;
}

const BODIES: readonly Tier[] = ['PROVINCE', 'CITY', 'COUNTY'];

/** Where each role can be held. */
const TIERS: Readonly<Record<Role, readonly Tier[]>> = {
  PLATFORM: ['PROVINCE'],
  OFFICER: BODIES,
  COORDINATOR: ['SCHOOL'],
  TEACHER: ['SCHOOL'],
  INSTITUTION: ['PROVINCE', 'CITY'],
  EVALUATOR: BODIES,
  FINANCE: [...BODIES, 'SCHOOL'],
  AUDITOR: BODIES,
  ANALYST: BODIES,
};

/** A role is held at a unit of its tier, for a person or body that belongs there. */
export function wellFormed({ role, unit, institution, teacher }: Assigned): Decision {
  if (!TIERS[role].includes(unit.tier)) {
    return refused(
      'ROLE-UNIT',
      `角色 ${role} 只能在以下层级授予：${TIERS[role].join('、')}；单位 ${unit.code} 为 ${unit.tier}。`,
      `The role ${role} is held at ${TIERS[role].join(', ')}; unit ${unit.code} is ${unit.tier}.`,
      { tiers: TIERS[role] },
    );
  }
  const takesInstitution = ['INSTITUTION', 'EVALUATOR'].includes(role);
  if (takesInstitution ? role === 'INSTITUTION' && !institution : institution) {
    return refused(
      'ROLE-INSTITUTION',
      'INSTITUTION 须填承训机构代码，EVALUATOR 可填评估机构代码，其他角色不填。',
      'Name the institution of an INSTITUTION, the agency of an EVALUATOR if any, and none else.',
    );
  }
  if (role === 'INSTITUTION' && !institution?.accreditedBy.includes(unit.code)) {
    return refused(
      'ROLE-INSTITUTION',
      `单位 ${unit.code} 没有认定承训机构 ${institution?.code}。`,
      `Unit ${unit.code} has not accredited the institution ${institution?.code}.`,
    );
  }
  if ((role === 'TEACHER') !== (teacher !== null)) {
    return refused(
      'ROLE-TEACHER',
      'TEACHER 须填教师编号，其他角色不填。',
      'Name the teacher of a TEACHER, and none for another role.',
    );
  }
  if (teacher && teacher.unitCode !== unit.code) {
    return refused(
      'ROLE-TEACHER',
      `该教师现不在单位 ${unit.code} 任职。`,
      `The teacher has no post at unit ${unit.code} today.`,
    );
  }
  return accepted();
}

const notHers = (zh: string, en: string) => refused('ROLE-SUPERIOR', zh, en);

/** A role that someone holds or is to hold, with the model in force for its unit. */
interface Held extends Pick<Assigned, 'subject' | 'role' | 'unit'> {
  model: AuthorityModel;
}

/** A superior gives and takes away a role (R4): within her subtree, never her own. */
function asSuperior(actor: Acting, { subject, role, unit, model }: Held): Decision {
  if (subject === actor.subject) {
    return refused('ROLE-SELF', '不能给自己授予或终止角色。', 'Nobody gives or ends her own role.');
  }
  if (role === 'PLATFORM') {
    return notHers(
      '平台运维角色只能由安装方用命令 yanxiu assign 授予。',
      'The operator is named on the owner’s side, by the command "yanxiu assign".',
    );
  }
  const own = actor.place.code === unit.code;
  const governed = governs(actor.place, unit, model);
  if (governed && actor.role === 'OFFICER' && (!own || mayAtOwnUnit(role, unit))) return accepted();
  // The county or the school (domain.md §1): a coordinator answers for her school's teachers.
  if (own && actor.role === 'COORDINATOR' && role === 'TEACHER') return accepted();
  return notHers(
    `角色 ${role}@${unit.code} 须由其上级单位的培训管理人员授予或终止。`,
    `The role ${role}@${unit.code} is given and ended by an officer of a unit above.`,
  );
}

/** Officers are named from above; the province has nothing above it. */
const mayAtOwnUnit = (role: Role, unit: Unit): boolean =>
  role !== 'OFFICER' || unit.tier === 'PROVINCE';

/** An assignment begins today or later, and ends after it has begun. */
export function datesHold(
  { validFrom, validTo }: { validFrom: string; validTo: string | null },
  today: string,
): Decision {
  if (validFrom >= today && (validTo === null || validTo >= validFrom)) return accepted();
  return refused(
    'ROLE-DATES',
    `起始日期不能早于今天 ${today}，终止日期不能早于起始日期。`,
    `A role begins today (${today}) or later, and its last day is not before its first.`,
  );
}

/** An account holds a role for a unit once at a time. */
export function heldOnce(
  asked: { validFrom: string; validTo: string | null },
  others: readonly { id: string; validFrom: string; validTo: string | null }[],
): Decision {
  const last = asked.validTo ?? '9999-12-31';
  const other = others.find(
    ({ validFrom, validTo }) => validFrom <= last && asked.validFrom <= (validTo ?? '9999-12-31'),
  );
  if (!other) return accepted();
  return refused(
    'ROLE-ONCE',
    '该账号在此期间已有同一角色。',
    'The account holds this role in that time already.',
    { assignmentId: other.id },
  );
}

/** What is ended stays ended. */
export const isOpen = ({ endedAt }: { endedAt: Date | null }): Decision =>
  endedAt === null
    ? accepted()
    : refused('ROLE-ENDED', '该角色已终止。', 'The role has been ended already.', {
        endedAt: endedAt.toISOString(),
      });

/** The first officer and the operator, named on the owner's side: nobody is there to do it. */
export function mayBootstrap(role: Role, unit: { parentCode: string | null } | null): Decision {
  if (['OFFICER', 'PLATFORM'].includes(role) && !unit?.parentCode) return accepted();
  return refused(
    'ROLE-BOOTSTRAP',
    '此命令只授予省级培训管理人员（OFFICER）和平台运维人员（PLATFORM），其余由上级单位授予。',
    'This names an officer of the root and the operator alone; a superior officer names the others.',
  );
}

export const READERS: readonly Role[] = ['OFFICER', 'COORDINATOR', 'AUDITOR'];

/** Who may assign and end a role, and who sees those held in a unit: whoever answers for it. */
export const may = rights({
  assign: asSuperior,
  end: asSuperior,
  read: (actor: Acting, unit: Pick<Unit, 'code' | 'path'>): Permission =>
    all(
      inRole(actor, ...READERS),
      over(actor, { code: unit.code, governed: contains(actor.place, unit) }),
    ),
});
