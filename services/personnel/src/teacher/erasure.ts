import { teacherErased } from '@yanxiu/contracts/personnel';
import { acting, governed } from '@yanxiu/registry/scope';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandInput } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { badInput, notFound } from '@yanxiu/subgraph/errors';
import { requirePlainNote } from '@yanxiu/subgraph/person/note';
import { eraseReasons } from '../leave/queries.js';
import type { TeacherRef } from './commands.js';
import { Post, Teacher } from './entity.js';
import { isTeacherId } from './queries.js';
import { may, mayErase } from './rules.js';

export interface ErasePersonInput extends CommandInput {
  teacherId: string;
  /** Why, for the audit log. */
  reason: string;
}

/**
 * Destroys what identifies a person out of service: name, ID number with its hashes, phone, birth
 * date, and why she was on leave. Her pseudonymous record and every ledger stay, so that sums do
 * not change.
 */
export async function erasePerson(context: Context, input: ErasePersonInput): Promise<TeacherRef> {
  const { teacherId: id, reason } = input;
  if (!reason.trim()) throw badInput('请填写删除的原因。', 'Give a reason for the erasure.');
  requirePlainNote(reason);
  return command(context, 'teacher.erase', input, async (tx) => {
    const { manager, now } = tx;
    // With registration: whoever registers the same number finds it either there or gone.
    await manager.query("SELECT pg_advisory_xact_lock(hashtext('personnel.teacher.register'))");
    const teacher = isTeacherId(id)
      ? await manager.findOne(Teacher, { where: { id }, lock: { mode: 'pessimistic_write' } })
      : null;
    if (!teacher) throw notFound({ zh: '教师', en: 'teacher' }, id);
    const latest = await manager.findOneOrFail(Post, {
      where: { teacherId: teacher.id },
      order: { from: 'DESC' },
    });
    const by = await acting(tx);
    permit(may(by, 'erase', await governed(by, tx, latest.unitCode)));
    enforce(mayErase({ teacher, post: latest, today: localDate(now) }));
    await manager.query('DELETE FROM id_number_hash WHERE teacher_id = $1', [teacher.id]);
    await eraseReasons(manager, teacher.id);
    await manager.update(
      Teacher,
      { id: teacher.id },
      {
        ...{ nameSealed: null, idNumberSealed: null, phoneSealed: null, birthDateSealed: null },
        erasedAt: now,
      },
    );
    await tx.emit(teacherErased, teacher.id, { teacherId: teacher.id, on: localDate(now) });
    tx.subject('Teacher', teacher.id);
    tx.purpose('ERASURE', reason);
    return { teacherId: teacher.id };
  });
}
