import type { PersonalTables } from '@yanxiu/subgraph/person/export';
import { reasonOf } from './leave/sealed.js';
import { openedColumns } from './teacher/personal.js';
import { teacherView } from './teacher/queries.js';

/** What personnel holds about a person; the only service that has more than her pseudonym. */
export const personal: PersonalTables = {
  tables: [
    {
      table: 'teacher',
      where: 't.id = $1',
      omit: ['name_sealed', 'id_number_sealed', 'phone_sealed', 'birth_date_sealed'],
      open: openedColumns,
    },
    { table: 'classification', where: 't.teacher_id = $1' },
    { table: 'post', where: 't.teacher_id = $1' },
    {
      table: 'leave',
      where: 't.teacher_id = $1',
      omit: ['reason_sealed'],
      open: ({ id, reason_sealed: sealed }) => ({
        reason: reasonOf({
          id: String(id),
          reasonSealed: typeof sealed === 'string' ? sealed : null,
        }),
      }),
    },
    { table: 'teacher_unit', where: 't.teacher_id = $1' },
    { table: 'role_assignment', where: 't.teacher_id = $1' },
  ],
  oversees: async (context, teacherId) =>
    (await teacherView(context, teacherId))?.access.idNumber ?? false,
};
