import {
  leaveRecorded,
  teacherChanged,
  teacherRegistered,
  teacherRetired,
  teacherTransferred,
} from '@yanxiu/contracts/personnel';
import { on, onAll, type EventHandler } from '@yanxiu/messaging/handlers';
import type { Tx } from '@yanxiu/messaging/transaction';
import { addDays } from '@yanxiu/subgraph/calendar';
import { reassess } from '../compliance/queries.js';
import { lockTeachers } from './queries.js';

interface NewPost {
  teacherId: string;
  unitCode: string | null;
  sector: string | null;
  stage: string | null;
  validFrom: string;
}

/** Adds a row; sector and stage of the teacher where the event names none. */
async function addPost({ manager, now }: Tx, post: NewPost): Promise<void> {
  await manager.query(
    `INSERT INTO teacher_post (teacher_id, unit_code, sector, stage, valid_from, recorded_at)
     SELECT id, $2, coalesce($3, sector), coalesce($4, stage), $5, $6
     FROM teacher_copy WHERE id = $1`,
    [post.teacherId, post.unitCode, post.sector, post.stage, post.validFrom, now],
  );
}

/** Keeps the copy of teachers; what was known of their posts is never overwritten. */
export const handlers: readonly EventHandler[] = [
  onAll(teacherRegistered, async (taken, manager) => {
    const rows = taken.map(({ event, tx }) => ({ ...event.data, recordedAt: tx.now }));
    await manager.query(
      `WITH registered AS (
         SELECT * FROM jsonb_to_recordset($1::jsonb) AS t ("teacherId" uuid, "unitCode" text,
           sector text, stage text, subject text, "hiredOn" date, "recordedAt" timestamptz)
       ), copied AS (
         INSERT INTO teacher_copy (id, sector, stage, subject, hired_on)
         SELECT "teacherId", sector, stage, subject, "hiredOn" FROM registered
       )
       INSERT INTO teacher_post (teacher_id, unit_code, sector, stage, valid_from, recorded_at)
       SELECT "teacherId", "unitCode", sector, stage, "hiredOn", "recordedAt" FROM registered`,
      [JSON.stringify(rows)],
    );
    await reassess(manager, new Map(taken.map(({ event, tx }) => [event.data.teacherId, tx])));
  }),
  on(teacherChanged, async ({ data }, tx) => {
    const { teacherId, stage, subject } = data;
    await tx.manager.query('UPDATE teacher_copy SET stage = $2, subject = $3 WHERE id = $1', [
      teacherId,
      stage,
      subject,
    ]);
    await reassess(tx.manager, new Map([[teacherId, tx]]));
  }),
  on(teacherTransferred, async ({ data }, tx) => {
    const { teacherId, toUnitCode, sector, stage } = data;
    await lockTeachers(tx.manager, [teacherId]);
    await addPost(tx, { teacherId, unitCode: toUnitCode, sector, stage, validFrom: data.on });
    await tx.manager.query('UPDATE teacher_copy SET sector = $2, stage = $3 WHERE id = $1', [
      teacherId,
      sector,
      stage,
    ]);
    await reassess(tx.manager, new Map([[teacherId, tx]]));
  }),
  on(teacherRetired, async ({ data }, tx) => {
    const { teacherId } = data;
    await lockTeachers(tx.manager, [teacherId]);
    const validFrom = addDays(data.on, 1);
    await addPost(tx, { teacherId, unitCode: null, sector: null, stage: null, validFrom });
    await tx.manager.query('UPDATE teacher_copy SET retired_on = $2 WHERE id = $1', [
      teacherId,
      data.on,
    ]);
    await reassess(tx.manager, new Map([[teacherId, tx]]));
  }),
  on(leaveRecorded, async ({ data }, tx) => {
    const { teacherId, leaveId, from, to, withdrawn } = data;
    await lockTeachers(tx.manager, [teacherId]);
    await tx.manager.query(
      `INSERT INTO teacher_leave (teacher_id, leave_id, from_on, to_on, withdrawn, recorded_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [teacherId, leaveId, from, to, withdrawn, tx.now],
    );
    await reassess(tx.manager, new Map([[teacherId, tx]]));
  }),
];
