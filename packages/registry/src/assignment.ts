import { roleAssigned, roleEnded } from '@yanxiu/contracts/personnel';
import { on, type EventHandler } from '@yanxiu/messaging/handlers';
import type { Assignment, AssignmentsOf } from '@yanxiu/subgraph/acting';

/** An account's roles, from the local copy. */
export const assignmentsOf: AssignmentsOf = (db, subject) =>
  db.query<Assignment[]>(
    `SELECT id, role, unit_code AS unit, institution, teacher_id AS teacher,
            valid_from::text AS "validFrom", valid_to::text AS "validTo", ended_at AS "endedAt"
     FROM role_assignment WHERE subject = $1 ORDER BY valid_from, id`,
    [subject],
  );

/** Keeps the copy of who holds which role. */
export const assignmentHandlers: readonly EventHandler[] = [
  on(roleAssigned, async ({ data }, { manager }) => {
    await manager.query(
      `INSERT INTO role_assignment
         (id, subject, role, unit_code, institution, teacher_id, valid_from, valid_to)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        data.assignmentId,
        data.subject,
        data.role,
        data.unitCode,
        data.institutionCode,
        data.teacherId,
        data.validFrom,
        data.validTo,
      ],
    );
  }),
  on(roleEnded, async ({ data }, { manager }) => {
    await manager.query('UPDATE role_assignment SET ended_at = $2 WHERE id = $1', [
      data.assignmentId,
      data.endedAt,
    ]);
  }),
];
