import { In, IsNull, type EntityManager } from 'typeorm';
import { grouped, load, type Batch, type Context } from '@yanxiu/subgraph/context';
import type { Access } from '../teacher/access.js';
import type { TeacherView } from '../teacher/queries.js';
import { Leave } from './entity.js';

/** A leave with what the actor of this request may see of its teacher. */
export interface LeaveView {
  leave: Leave;
  access: Access;
}

const leavesOfTeachers: Batch<string, Leave[]> = async ({ db }, ids) =>
  grouped(
    ids,
    await db.manager.find(Leave, {
      where: { teacherId: In([...ids]), withdrawnAt: IsNull() },
      order: { from: 'ASC' },
    }),
    ({ teacherId }) => teacherId,
  );

/** Leaves that count, the oldest first. */
export async function leavesOf(
  context: Context,
  { id, access }: TeacherView,
): Promise<LeaveView[]> {
  const leaves = (await load(context, leavesOfTeachers, id)) ?? [];
  return leaves.map((leave) => ({ leave, access }));
}

/** Destroys why a teacher was on leave; when she was stays. */
export async function eraseReasons(manager: EntityManager, teacherId: string): Promise<void> {
  await manager.update(Leave, { teacherId }, { reasonSealed: null });
}
