import { teacherChanged, teacherRegistered } from '@yanxiu/contracts/personnel';
import { on, onAll, type EventHandler } from '@yanxiu/messaging/handlers';

const SUPERVISOR = 'GRADUATE_SUPERVISOR';

/** Keep who is a graduate supervisor since when; come after the copy of teachers. */
export const handlers: readonly EventHandler[] = [
  onAll(teacherRegistered, async (taken, manager) => {
    const supervisors = taken
      .map(({ event }) => event.data)
      .filter(({ roles }) => roles.includes(SUPERVISOR));
    if (supervisors.length === 0) return;
    await manager.query(
      `INSERT INTO supervisor_copy (teacher_id, since)
       SELECT "teacherId", "hiredOn"
       FROM jsonb_to_recordset($1::jsonb) AS t("teacherId" uuid, "hiredOn" date)`,
      [JSON.stringify(supervisors)],
    );
  }),
  on(teacherChanged, async ({ data: { teacherId, roles, from } }, { manager }) => {
    await manager.query(
      roles.includes(SUPERVISOR)
        ? `INSERT INTO supervisor_copy (teacher_id, since) SELECT id, $2 FROM teacher_copy
           WHERE id = $1 ON CONFLICT (teacher_id) DO NOTHING`
        : 'DELETE FROM supervisor_copy WHERE teacher_id = $1 AND $2::date IS NOT NULL',
      [teacherId, from],
    );
  }),
];
