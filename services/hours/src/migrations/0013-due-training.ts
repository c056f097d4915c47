import type { MigrationInterface, QueryRunner } from 'typeorm';
import { fence } from '@yanxiu/subgraph/row-security';

const STATEMENTS = [
  // Who is a graduate supervisor, and since when; no longer one: no row.
  `CREATE TABLE supervisor_copy (
    teacher_id uuid PRIMARY KEY REFERENCES teacher_copy,
    since date NOT NULL
  )`,
  ...fence(
    'supervisor_copy',
    'EXISTS (SELECT FROM teacher_unit r WHERE r.teacher_id = supervisor_copy.teacher_id)',
  ),
];

/** Training that is due once: of new staff in higher education, of new graduate supervisors. */
export class DueTraining1700000000031 implements MigrationInterface {
  name = 'DueTraining1700000000031';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('supervisors are known from events: this migration has no way back');
  }
}
