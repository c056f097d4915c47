import { roleAssigned, roleEnded } from '@yanxiu/contracts/personnel';
import { authorityModel } from '@yanxiu/registry/governance';
import { findOrgUnit, type OrgUnit } from '@yanxiu/registry/org-unit';
import { acting } from '@yanxiu/registry/scope';
import type { Role } from '@yanxiu/subgraph/actor';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandInput, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { badInput, notFound } from '@yanxiu/subgraph/errors';
import { isTeacherId } from '../teacher/queries.js';
import { RoleAssignment } from './entity.js';
import { accreditorsOf, lockAssignment, openAssignments, presentUnitOf } from './queries.js';
import * as rules from './rules.js';

export interface AssignRoleInput extends CommandInput {
  subject: string;
  role: Role;
  unit: string;
  institution?: string | null | undefined;
  teacher?: string | null | undefined;
  validFrom?: string | null | undefined;
  validTo?: string | null | undefined;
}

export interface AssignmentRef {
  assignmentId: string;
}

const SUBJECT = /^[\x21-\x7e]{1,200}$/;

/** Gives an account a role for a unit (角色授予), from a day on. */
export async function assignRole(context: Context, input: AssignRoleInput): Promise<AssignmentRef> {
  return command(context, 'authority.assign', input, async (tx) => {
    const unit = await findOrgUnit(tx.manager, input.unit);
    if (!unit) throw notFound({ zh: '单位', en: 'unit' }, input.unit);
    const asked = { subject: subjectOf(input), role: input.role, unit };
    const model = await modelOf(tx, unit);
    permit(rules.may(await acting(tx), 'assign', { ...asked, model }));
    enforce(rules.wellFormed({ ...asked, ...(await namedBy(tx, input)) }));
    return give(tx, input);
  });
}

export interface BootstrapInput extends CommandInput {
  subject: string;
  role: Role;
  unit: string;
}

/**
 * Names the first officer and the operator of an installation. No client can call it: it comes
 * from the command line, on the owner's side.
 */
export async function bootstrapAssignment(
  context: Context,
  input: BootstrapInput,
): Promise<AssignmentRef> {
  return command(context, 'authority.bootstrap', input, async (tx) => {
    enforce(rules.mayBootstrap(input.role, await findOrgUnit(tx.manager, input.unit)));
    subjectOf(input);
    return give(tx, input);
  });
}

async function give(tx: CommandTx, input: AssignRoleInput): Promise<AssignmentRef> {
  const { manager, now } = tx;
  const today = localDate(now);
  const { subject, role, unit: unitCode } = input;
  const dates = { validFrom: input.validFrom ?? today, validTo: input.validTo ?? null };
  enforce(rules.datesHold(dates, today));
  enforce(rules.heldOnce(dates, await openAssignments(manager, { subject, role, unitCode })));
  const id = tx.newId();
  const institution = input.institution ?? null;
  const teacherId = input.teacher ?? null;
  await manager.insert(RoleAssignment, {
    ...{ id, subject, role, unitCode, institution, teacherId, ...dates },
    assignedAt: now,
  });
  await tx.emit(roleAssigned, id, {
    ...{ assignmentId: id, subject, role, unitCode, teacherId, ...dates },
    institutionCode: institution,
  });
  tx.subject('RoleAssignment', id);
  return { assignmentId: id };
}

export interface EndRoleAssignmentInput extends CommandInput {
  assignmentId: string;
}

/** Takes a role away (角色终止), at once; whoever may assign it may end it. */
export async function endRoleAssignment(
  context: Context,
  input: EndRoleAssignmentInput,
): Promise<AssignmentRef> {
  return command(context, 'authority.end', input, async (tx) => {
    const { manager, now } = tx;
    const superior = await acting(tx);
    const found = await lockAssignment(manager, input.assignmentId);
    const unit = found && (await findOrgUnit(manager, found.unitCode));
    if (!found || !unit || !rules.may(superior, 'read', unit).accepted) {
      throw notFound({ zh: '角色授予记录', en: 'role assignment' }, input.assignmentId);
    }
    permit(rules.may(superior, 'end', { ...found, unit, model: await modelOf(tx, unit) }));
    enforce(rules.isOpen(found));
    await manager.update(RoleAssignment, { id: found.id }, { endedAt: now });
    await tx.emit(roleEnded, found.id, { assignmentId: found.id, endedAt: now.toISOString() });
    tx.subject('RoleAssignment', found.id);
    return { assignmentId: found.id };
  });
}

const modelOf = ({ manager, now }: CommandTx, unit: OrgUnit) =>
  authorityModel(manager, unit, localDate(now));

/** The account; what is no subject of any issuer is told at once, not found out at its login. */
function subjectOf({ subject }: { subject: string }): string {
  if (SUBJECT.test(subject)) return subject;
  throw badInput(
    '账号（subject）须为 1 至 200 个可见的 ASCII 字符，即身份提供方的 sub。',
    'The subject is the `sub` of the identity provider: 1 to 200 visible ASCII characters.',
  );
}

/** What the registry knows of the institution and the teacher that an assignment names. */
async function namedBy(
  { manager, now }: CommandTx,
  { institution: code, teacher }: AssignRoleInput,
): Promise<Pick<rules.Assigned, 'institution' | 'teacher'>> {
  return {
    institution: code ? { code, accreditedBy: await accreditorsOf(manager, code) } : null,
    teacher: teacher
      ? {
          unitCode: isTeacherId(teacher)
            ? await presentUnitOf(manager, teacher, localDate(now))
            : null,
        }
      : null,
  };
}
