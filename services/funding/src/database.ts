import type { Migration } from '@yanxiu/subgraph/database';
import { Funding1700000000001 } from './migrations/0001-funding.js';
import { Authority1700000000002 } from './migrations/0002-authority.js';
import { AuditOfReads1700000000010 } from './migrations/0003-audit-of-reads.js';
import { RowSecurity1700000000011 } from './migrations/0004-row-security.js';

export const migrations: readonly Migration[] = [
  Funding1700000000001,
  Authority1700000000002,
  AuditOfReads1700000000010,
  RowSecurity1700000000011,
];

/** Tables that the database itself keeps from being changed. */
export const appendOnly: readonly string[] = [
  'audit',
  'funding_base',
  'journal_entry',
  'journal_line',
  'payment',
];
