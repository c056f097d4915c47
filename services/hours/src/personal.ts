import type { PersonalTables } from '@yanxiu/subgraph/person/export';
import { canSee } from './teacher/queries.js';

/** What hours holds about a person: posts, causes, decisions, the ledger, the yearly standing. */
export const personal: PersonalTables = {
  tables: [
    { table: 'teacher_copy', where: 't.id = $1' },
    { table: 'teacher_classification', where: 't.teacher_id = $1' },
    { table: 'teacher_post', where: 't.teacher_id = $1' },
    { table: 'teacher_leave', where: 't.teacher_id = $1' },
    { table: 'teacher_unit', where: 't.teacher_id = $1' },
    { table: 'enrolment', where: 't.teacher_id = $1' },
    { table: 'cause', where: 't.teacher_id = $1' },
    { table: 'recognition_decision', where: 't.teacher_id = $1' },
    { table: 'hour_entry', where: 't.teacher_id = $1' },
    { table: 'yearly_compliance', where: 't.teacher_id = $1' },
    { table: 'cycle_compliance', where: 't.teacher_id = $1' },
    { table: 'claim', where: 't.teacher_id = $1' },
    { table: 'claim_step', where: 't.claim_id IN (SELECT id FROM claim WHERE teacher_id = $1)' },
    { table: 'supervisor_copy', where: 't.teacher_id = $1' },
    { table: 'role_assignment', where: 't.teacher_id = $1' },
  ],
  oversees: canSee,
};
