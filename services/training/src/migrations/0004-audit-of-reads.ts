import type { MigrationInterface, QueryRunner } from 'typeorm';
import { auditStatements } from '@yanxiu/subgraph/audit/tables';

/** The audit log takes reads of personal data and purposes, and refuses every change. */
export class AuditOfReads1700000000010 implements MigrationInterface {
  name = 'AuditOfReads1700000000010';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of auditStatements) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('an audit log is not taken back');
  }
}
