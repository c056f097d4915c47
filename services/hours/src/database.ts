import type { Migration } from '@yanxiu/subgraph/database';
import { Ledger1700000000001 } from './migrations/0001-ledger.js';
import { AuditOfReads1700000000010 } from './migrations/0003-audit-of-reads.js';

export const migrations: readonly Migration[] = [Ledger1700000000001, AuditOfReads1700000000010];

/** Tables that the database itself keeps from being changed. */
export const appendOnly: readonly string[] = [
  'audit',
  'teacher_post',
  'cause',
  'cause_session',
  'cause_date',
  'recognition_decision',
  'hour_entry',
];
