import type { MigrationInterface, QueryRunner } from 'typeorm';
import { appendOnlyTrigger } from '@yanxiu/subgraph/database';
import { fence } from '@yanxiu/subgraph/row-security';
import { recordReached } from './0005-row-security.js';

const STATEMENTS = [
  // What was told of each leave: of one leave_id the last row counts, also as of an earlier time.
  `CREATE TABLE teacher_leave (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    teacher_id uuid NOT NULL REFERENCES teacher_copy,
    leave_id uuid NOT NULL,
    from_on date NOT NULL,
    to_on date,
    withdrawn boolean NOT NULL,
    recorded_at timestamptz NOT NULL
  )`,
  'CREATE INDEX teacher_leave_teacher ON teacher_leave (teacher_id, leave_id, seq)',
  ...appendOnlyTrigger('teacher_leave'),
  ...fence('teacher_leave', recordReached('teacher_leave', 'recorded_at')),
];

/** Long leaves, whose months ask for no hours. */
export class Leave1700000000022 implements MigrationInterface {
  name = 'Leave1700000000022';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('leaves that were told are not forgotten');
  }
}
