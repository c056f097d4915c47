import { teacherChanged, teacherRetired, teacherTransferred } from '@yanxiu/contracts/personnel';
import { acting, governed, requireOrgUnit } from '@yanxiu/registry/scope';
import { addDays, localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandInput, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { badInput } from '@yanxiu/subgraph/errors';
import type { Stage } from '../org-unit/entity.js';
import { knownUnit } from '../org-unit/queries.js';
import { Classification, Post, Teacher, type Ladder, type TeacherRole } from './entity.js';
import { lockTeacher } from './queries.js';
import { fitsSchool, may, mayReclassify, mayRetire, mayTransfer } from './rules.js';

export interface TransferTeacherInput extends CommandInput {
  teacherId: string;
  toUnitCode: string;
  on: string;
  stage?: Stage | null | undefined;
}

export interface TeacherRef {
  teacherId: string;
}

/** Moves a teacher to another unit from a day; the officer's subtree holds both units. */
export async function transferTeacher(
  context: Context,
  input: TransferTeacherInput,
): Promise<TeacherRef> {
  return command(context, 'teacher.transfer', input, async (tx) => {
    const { manager } = tx;
    const { teacher, post } = await lockTeacher(tx, input.teacherId, (actor, unit) =>
      may(actor, 'transfer', unit),
    );
    await requireOrgUnit(manager, input.toUnitCode);
    const by = await acting(tx);
    permit(may(by, 'transfer', await governed(by, tx, input.toUnitCode)));
    const unit = await knownUnit(manager, input.toUnitCode);
    const stage = input.stage ?? teacher.stage;
    const { on } = input;
    enforce(mayTransfer({ teacher, post, unit, stage, on, today: localDate(tx.now) }));
    await manager.update(Post, { id: post.id }, { to: addDays(on, -1) });
    await manager.insert(Post, {
      id: tx.newId(),
      teacherId: teacher.id,
      unitCode: unit.code,
      from: on,
      recordedAt: tx.now,
    });
    if (stage !== teacher.stage) await classify(tx, { ...teacher, stage }, on);
    if (unit.sector) {
      await tx.emit(teacherTransferred, teacher.id, {
        teacherId: teacher.id,
        fromUnitCode: post.unitCode,
        toUnitCode: unit.code,
        sector: unit.sector,
        stage,
        on,
      });
    }
    tx.subject('Teacher', teacher.id);
    return { teacherId: teacher.id };
  });
}

export interface ChangeTeacherClassificationInput extends CommandInput {
  teacherId: string;
  stage?: Stage | null | undefined;
  subject?: string | null | undefined;
  ladder?: Ladder | null | undefined;
  roles?: readonly TeacherRole[] | null | undefined;
  from: string;
}

/** Changes stage, subject, rung or duties from a day (R6); what is left out stays. */
export async function changeTeacherClassification(
  context: Context,
  input: ChangeTeacherClassificationInput,
): Promise<TeacherRef> {
  return command(context, 'teacher.changeClassification', input, async (tx) => {
    const { teacher, post } = await lockTeacher(tx, input.teacherId, (actor, unit) =>
      may(actor, 'reclassify', unit),
    );
    const { from } = input;
    const latest = await tx.manager.findOneOrFail(Classification, {
      where: { teacherId: teacher.id },
      order: { from: 'DESC' },
    });
    enforce(mayReclassify({ from, since: latest.from, today: localDate(tx.now) }));
    const changed = {
      id: teacher.id,
      stage: input.stage ?? teacher.stage,
      subject: input.subject ?? teacher.subject,
      ladder: input.ladder ?? teacher.ladder,
      roles: input.roles ? [...new Set(input.roles)].sort() : teacher.roles,
    };
    if (changed.roles.length === 0) {
      throw badInput('至少须有一种身份。', 'Give at least one duty, or leave roles out.');
    }
    const unit = await knownUnit(tx.manager, post.unitCode);
    enforce(fitsSchool(changed.stage, unit));
    await classify(tx, changed, from);
    const { id: teacherId, ...classification } = changed;
    await tx.emit(teacherChanged, teacherId, { teacherId, ...classification, from });
    tx.subject('Teacher', teacherId);
    return { teacherId };
  });
}

export interface RetireTeacherInput extends CommandInput {
  teacherId: string;
  /** Last day of service. */
  on: string;
}

/** Ends a teacher's service and closes the open post. */
export async function retireTeacher(
  context: Context,
  input: RetireTeacherInput,
): Promise<TeacherRef> {
  return command(context, 'teacher.retire', input, async (tx) => {
    const { manager } = tx;
    const { teacher, post } = await lockTeacher(tx, input.teacherId, (actor, unit) =>
      may(actor, 'retire', unit),
    );
    const { on } = input;
    enforce(mayRetire({ on, post, today: localDate(tx.now) }));
    await manager.update(Post, { id: post.id }, { to: on });
    await manager.update(Teacher, { id: teacher.id }, { retiredOn: on });
    await tx.emit(teacherRetired, teacher.id, {
      teacherId: teacher.id,
      unitCode: post.unitCode,
      on,
    });
    tx.subject('Teacher', teacher.id);
    return { teacherId: teacher.id };
  });
}

/** Notes what the teacher is from a day on; a second note of the same day replaces the first. */
async function classify(
  tx: CommandTx,
  teacher: Pick<Teacher, 'id' | 'stage' | 'subject' | 'ladder' | 'roles'>,
  from: string,
): Promise<void> {
  const { id, stage, subject, ladder, roles } = teacher;
  const classification = { stage, subject, ladder, roles };
  const row = { teacherId: id, from, ...classification, recordedAt: tx.now };
  await tx.manager.upsert(Classification, row, ['teacherId', 'from']);
  await tx.manager.update(Teacher, { id }, classification);
}
