import type { Migration } from '@yanxiu/subgraph/database';
import { Ledger1700000000001 } from './migrations/0001-ledger.js';

export const migrations: readonly Migration[] = [Ledger1700000000001];

/** Tables that the database itself keeps from being changed. */
export const appendOnly: readonly string[] = [
  'teacher_post',
  'cause',
  'cause_session',
  'cause_date',
  'recognition_decision',
  'hour_entry',
];
