import type { PersonalTables } from '@yanxiu/subgraph/person/export';
import { isWithin } from '@yanxiu/registry/org-unit';
import { requireActor } from '@yanxiu/subgraph/context';

const OF_HERS = '(SELECT id FROM enrolment WHERE teacher_id = $1)';

/** What training holds about a person: her copy, nominations, enrolments, attendance, answers. */
export const personal: PersonalTables = {
  tables: [
    { table: 'teacher_copy', where: 't.id = $1' },
    { table: 'nomination', where: 't.teacher_id = $1' },
    { table: 'enrolment', where: 't.teacher_id = $1' },
    { table: 'attendance', where: `t.enrolment_id IN ${OF_HERS}` },
    { table: 'attendance_correction', where: `t.enrolment_id IN ${OF_HERS}` },
    { table: 'participation', where: `t.enrolment_id IN ${OF_HERS}` },
    { table: 'needs_survey_answer', where: 't.respondent = $1::text' },
    { table: 'role_assignment', where: 't.teacher_id = $1' },
  ],
  async oversees(context, teacherId) {
    const { db } = context;
    const rows: { unit: string }[] = await db.query(
      'SELECT unit_code AS unit FROM teacher_copy WHERE id = $1',
      [teacherId],
    );
    const unit = rows[0]?.unit;
    return unit !== undefined && isWithin(db.manager, unit, requireActor(context).unit);
  },
};
