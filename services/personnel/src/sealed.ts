import type { Sealed, SealedTable } from '@yanxiu/subgraph/keys/sealed';
import { personalKeyring } from './config.js';
import { contextOf as leaveContext } from './leave/sealed.js';
import { contextOf } from './teacher/personal.js';

const teacher: SealedTable = {
  table: 'teacher',
  id: 'id',
  columns: ['name_sealed', 'id_number_sealed', 'phone_sealed', 'birth_date_sealed'],
  context: contextOf,
};

const leave: SealedTable = {
  table: 'leave',
  id: 'id',
  columns: ['reason_sealed'],
  context: leaveContext,
};

/** What personnel keeps under its keyring. */
export const sealed: Sealed = {
  keyring: personalKeyring,
  tables: [teacher, leave],
  hashes: {
    table: 'id_number_hash',
    owner: 'teacher_id',
    of: teacher,
    column: 'id_number_sealed',
  },
};
