import type { MigrationInterface, QueryRunner } from 'typeorm';
import { fence } from '@yanxiu/subgraph/row-security';

const STATEMENTS = [
  `CREATE TABLE leave (
    id uuid PRIMARY KEY,
    teacher_id uuid NOT NULL REFERENCES teacher (id),
    reason_sealed text,
    from_on date NOT NULL,
    to_on date CHECK (to_on >= from_on),
    recorded_at timestamptz NOT NULL,
    withdrawn_at timestamptz
  )`,
  'CREATE INDEX leave_teacher ON leave (teacher_id)',
  // Seen with her record; institutions and evaluators, who meet only her id, do not need it.
  ...fence('leave', 'EXISTS (SELECT FROM teacher_unit r WHERE r.teacher_id = leave.teacher_id)'),
];

/** Long leaves. */
export class Leave1700000000013 implements MigrationInterface {
  name = 'Leave1700000000013';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('leaves that were recorded are not forgotten');
  }
}
