import { IsNull } from 'typeorm';
import { isWithin } from '@yanxiu/registry/org-unit';
import { requireGoverned } from '@yanxiu/registry/scope';
import type { CommandTx } from '@yanxiu/subgraph/command';
import { enforce } from '@yanxiu/subgraph/decision';
import { notFound } from '@yanxiu/subgraph/errors';
import { Post, Teacher } from './entity.js';
import { isTeacherId } from './queries.js';
import { inService } from './rules.js';

const TEACHER = { zh: '教师', en: 'teacher' };

/** The teacher, locked, with the open post, which must lie in the actor's jurisdiction. */
export async function lockTeacher(
  tx: CommandTx,
  id: string,
): Promise<{ teacher: Teacher; post: Post }> {
  const { manager } = tx;
  const teacher = isTeacherId(id)
    ? await manager.findOne(Teacher, { where: { id }, lock: { mode: 'pessimistic_write' } })
    : null;
  if (!teacher) throw notFound(TEACHER, id);
  const latest = await manager.findOneOrFail(Post, {
    where: { teacherId: id },
    order: { from: 'DESC' },
  });
  // Another's teacher looks as if there were none.
  if (!(await isWithin(manager, latest.unitCode, tx.actor.unit))) throw notFound(TEACHER, id);
  await requireGoverned(tx, latest.unitCode);
  const open = await manager.findOneBy(Post, { teacherId: id, to: IsNull() });
  return { teacher, post: enforce(inService(open)) };
}
