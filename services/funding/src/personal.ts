import type { PersonalTables } from '@yanxiu/subgraph/person/export';

/** Money is kept by unit and project; of a person funding knows only in which role she may act. */
export const personal: PersonalTables = {
  tables: [{ table: 'role_assignment', where: 't.teacher_id = $1' }],
};
