import type { DataSource } from 'typeorm';
import type { Actor, Role } from './actor.js';
import { forbidden, type DomainError } from './errors.js';

/** Whose token it is, and what the issuer says she acts as. */
export interface Identity {
  /** Subject of the token; names the account, never a person. */
  subject: string;
  /** Null where roles come from the registry's assignments (`OIDC_ROLES=assignments`). */
  claims: Omit<Actor, 'subject'> | null;
}

/** A role that an account was given, as the local copy of the registry has it. */
export interface Assignment {
  id: string;
  role: Role;
  unit: string;
  institution: string | null;
  teacher: string | null;
  /** First day. */
  validFrom: string;
  /** Last day; null: until it is ended. */
  validTo: string | null;
  endedAt: Date | null;
}

/** Every assignment of an account, in force or not. */
export type AssignmentsOf = (db: DataSource, subject: string) => Promise<Assignment[]>;

/** Who acts in a request; or nobody, and why although the token holds. */
export interface Acting {
  actor: Actor | null;
  refusal: DomainError | null;
}

/** Holds from its first to its last day and until it is ended. */
export const inForce = (
  { validFrom, validTo, endedAt }: Pick<Assignment, 'validFrom' | 'validTo' | 'endedAt'>,
  today: string,
): boolean => endedAt === null && validFrom <= today && (validTo === null || today <= validTo);

const nobody = (refusal: DomainError | null): Acting => ({ actor: null, refusal });

/** `ROLE@UNIT`, as the header `Yanxiu-Acting-As` takes it. */
export const nameOf = ({ role, unit }: { role: string; unit: string }): string => `${role}@${unit}`;

/**
 * Whom an account acts as: what the issuer claims, unless that role has been ended here; or the
 * assignment in force, of several the one that `wanted` names by its id or as `ROLE@UNIT`.
 */
export function actAs(
  identity: Identity | null,
  held: readonly Assignment[],
  today: string,
  wanted: string | undefined,
): Acting {
  if (!identity) return nobody(null);
  const { subject, claims } = identity;
  if (claims) return asClaimed({ subject, ...claims }, held, today, wanted);
  const open = held.filter((assignment) => inForce(assignment, today));
  const chosen = open.filter((each) => !wanted || [each.id, nameOf(each)].includes(wanted));
  const [one] = chosen;
  if (!one) return nobody(noneInForce(open, wanted));
  if (chosen.length > 1) return nobody(severalInForce(chosen));
  return { actor: actorOf(subject, one), refusal: null };
}

const actorOf = (subject: string, assignment: Assignment): Actor => ({
  subject,
  role: assignment.role,
  unit: assignment.unit,
  ...(assignment.institution !== null && { institution: assignment.institution }),
  ...(assignment.teacher !== null && { teacher: assignment.teacher }),
});

function asClaimed(
  actor: Actor,
  held: readonly Assignment[],
  today: string,
  wanted: string | undefined,
): Acting {
  const same = held.filter((each) => nameOf(each) === nameOf(actor));
  const over = same.length > 0 && !same.some((assignment) => inForce(assignment, today));
  if (over) return nobody(noneInForce([], nameOf(actor)));
  if (wanted && wanted !== nameOf(actor)) return nobody(noneInForce([actor], wanted));
  return { actor, refusal: null };
}

const listed = (choices: readonly { role: string; unit: string }[]): string =>
  choices.map(nameOf).join(', ');

function noneInForce(
  open: readonly { role: string; unit: string }[],
  wanted: string | undefined,
): DomainError {
  const [zh, en] = open.length > 0 ? [listed(open), listed(open)] : ['无', 'none'];
  return wanted
    ? forbidden(
        `您的账号目前没有角色 ${wanted}（未开始、已到期或已终止）。现有：${zh}。`,
        `Your account does not hold ${wanted} today: it has not begun or has ended. It holds: ${en}.`,
      )
    : forbidden(
        '您的账号目前没有任何角色，请由上级单位授予（assignRole）。',
        'Your account holds no role today: ask a superior officer to assign one (assignRole).',
      );
}

const severalInForce = (choices: readonly Assignment[]): DomainError =>
  forbidden(
    `您的账号有多个角色，请用请求头 Yanxiu-Acting-As 指明其一：${listed(choices)}。`,
    `Your account holds several roles: name one in the header Yanxiu-Acting-As: ${listed(choices)}.`,
  );
