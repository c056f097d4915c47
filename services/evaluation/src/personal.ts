import type { PersonalTables } from '@yanxiu/subgraph/person/export';

/**
 * What evaluation holds about a person: where she may answer, and that a token was signed for her.
 * Told to her alone: no office learns from here who took part in an anonymous evaluation.
 */
export const personal: PersonalTables = {
  tables: [
    { table: 'eligible_participant', where: 't.teacher_id = $1' },
    { table: 'signed_token', where: 't.teacher_id = $1' },
    { table: 'role_assignment', where: 't.teacher_id = $1' },
  ],
};
