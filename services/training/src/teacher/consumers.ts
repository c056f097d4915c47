import type { EntityManager } from 'typeorm';
import {
  teacherChanged,
  teacherRegistered,
  teacherRetired,
  teacherTransferred,
} from '@yanxiu/contracts/personnel';
import { NotYetKnown, on, onAll } from '@yanxiu/messaging/handlers';
import { TeacherCopy } from './entity.js';

async function awaitUnits(manager: EntityManager, codes: readonly string[]): Promise<void> {
  const missing: { code: string }[] = await manager.query(
    `SELECT code FROM unnest($1::text[]) AS wanted (code)
     WHERE NOT EXISTS (SELECT 1 FROM org_unit u WHERE u.code = wanted.code) LIMIT 1`,
    [[...new Set(codes)]],
  );
  if (missing[0]) throw new NotYetKnown(`org unit ${missing[0].code}`);
}

/** Keep the copy of teachers; the inbox calls once for each event, in a teacher's order. */
export const handlers = [
  onAll(teacherRegistered, async (taken, manager) => {
    await awaitUnits(
      manager,
      taken.map(({ event }) => event.data.unitCode),
    );
    const rows = taken.map(({ event }) => {
      const { teacherId: id, ...teacher } = event.data;
      return { id, ...teacher };
    });
    await manager.query(
      `INSERT INTO teacher_copy (id, unit_code, sector, stage, subject, ladder, roles, hired_on)
       SELECT id, "unitCode", sector, stage, subject, ladder, roles, "hiredOn"
       FROM jsonb_to_recordset($1::jsonb) AS t (id uuid, "unitCode" text, sector text, stage text,
         subject text, ladder text, roles text[], "hiredOn" date)`,
      [JSON.stringify(rows)],
    );
  }),
  on(teacherChanged, async ({ data }, { manager }) => {
    const { stage, subject, ladder, roles } = data;
    await manager.update(TeacherCopy, data.teacherId, { stage, subject, ladder, roles });
  }),
  on(teacherTransferred, async ({ data }, { manager }) => {
    await awaitUnits(manager, [data.toUnitCode]);
    const { sector, stage } = data;
    await manager.update(TeacherCopy, data.teacherId, { unitCode: data.toUnitCode, sector, stage });
  }),
  on(teacherRetired, async ({ data }, { manager }) => {
    await manager.update(TeacherCopy, data.teacherId, { retiredOn: data.on });
  }),
];
