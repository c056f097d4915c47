import type { MigrationInterface, QueryRunner } from 'typeorm';
import { governs } from '@yanxiu/registry/row-security';
import { assignmentTables } from '@yanxiu/registry/tables';
import { fence } from '@yanxiu/subgraph/row-security';

const READERS = ['OFFICER', 'COORDINATOR', 'AUDITOR'] as const;

const STATEMENTS = [
  ...assignmentTables(governs('role_assignment.unit_code', READERS)),
  'ALTER TABLE role_assignment ADD COLUMN assigned_at timestamptz NOT NULL',
  'CREATE INDEX role_assignment_unit ON role_assignment (unit_code, id)',
  'CREATE TABLE institution_copy (id uuid PRIMARY KEY, code text NOT NULL UNIQUE)',
  `CREATE TABLE institution_accreditor (
    institution_id uuid NOT NULL,
    unit_code text NOT NULL,
    PRIMARY KEY (institution_id, unit_code)
  )`,
  ...fence('institution_copy'),
  ...fence('institution_accreditor'),
];

/** Who holds which role. */
export class Authority1700000000002 implements MigrationInterface {
  name = 'Authority1700000000002';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('roles that were assigned are not forgotten');
  }
}
