import type { MigrationInterface, QueryRunner } from 'typeorm';
import { assignmentTables } from '@yanxiu/registry/tables';

const STATEMENTS = [
  ...assignmentTables,
  'ALTER TABLE role_assignment ADD COLUMN assigned_at timestamptz NOT NULL',
  'CREATE INDEX role_assignment_unit ON role_assignment (unit_code, id)',
  'CREATE TABLE institution_copy (id uuid PRIMARY KEY, code text NOT NULL UNIQUE)',
  `CREATE TABLE institution_accreditor (
    institution_id uuid NOT NULL,
    unit_code text NOT NULL,
    PRIMARY KEY (institution_id, unit_code)
  )`,
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
