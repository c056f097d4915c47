import { teacherChanged, teacherRegistered } from '@yanxiu/contracts/personnel';
import { on, onAll, type EventHandler } from '@yanxiu/messaging/handlers';

/** Keep the rung of the ladder (梯次) and the duties that each teacher has by now. */
export const classificationHandlers: readonly EventHandler[] = [
  onAll(teacherRegistered, async (taken, manager) => {
    await manager.query(
      `INSERT INTO teacher_classification (teacher_id, ladder, roles)
       SELECT "teacherId", ladder, roles
       FROM jsonb_to_recordset($1::jsonb) AS t("teacherId" uuid, ladder text, roles text[])`,
      [JSON.stringify(taken.map(({ event }) => event.data))],
    );
  }),
  on(teacherChanged, async ({ data: { teacherId, ladder, roles } }, { manager }) => {
    await manager.query(
      `INSERT INTO teacher_classification (teacher_id, ladder, roles) VALUES ($1, $2, $3)
       ON CONFLICT (teacher_id) DO UPDATE SET ladder = excluded.ladder, roles = excluded.roles`,
      [teacherId, ladder, roles],
    );
  }),
];
