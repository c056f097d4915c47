import type { EntityManager } from 'typeorm';
import {
  teacherChanged,
  teacherRegistered,
  teacherRetired,
  teacherTransferred,
} from '@yanxiu/contracts/personnel';
import { NotYetKnown, on } from '@yanxiu/messaging/handlers';
import { findOrgUnit } from '@yanxiu/registry/org-unit';
import { TeacherCopy } from './entity.js';

async function awaitUnit(manager: EntityManager, code: string): Promise<void> {
  if (!(await findOrgUnit(manager, code))) throw new NotYetKnown(`org unit ${code}`);
}

/** Keep the copy of teachers; the inbox calls once for each event, in a teacher's order. */
export const handlers = [
  on(teacherRegistered, async ({ data }, { manager }) => {
    await awaitUnit(manager, data.unitCode);
    const { teacherId, unitCode, sector, stage, subject, ladder, roles, hiredOn } = data;
    await manager.insert(TeacherCopy, {
      id: teacherId,
      unitCode,
      sector,
      stage,
      subject,
      ladder,
      roles,
      hiredOn,
      retiredOn: null,
    });
  }),
  on(teacherChanged, async ({ data }, { manager }) => {
    const { stage, subject, ladder, roles } = data;
    await manager.update(TeacherCopy, data.teacherId, { stage, subject, ladder, roles });
  }),
  on(teacherTransferred, async ({ data }, { manager }) => {
    await awaitUnit(manager, data.toUnitCode);
    const { sector, stage } = data;
    await manager.update(TeacherCopy, data.teacherId, { unitCode: data.toUnitCode, sector, stage });
  }),
  on(teacherRetired, async ({ data }, { manager }) => {
    await manager.update(TeacherCopy, data.teacherId, { retiredOn: data.on });
  }),
];
