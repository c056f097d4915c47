import type { MigrationInterface, QueryRunner } from 'typeorm';
import { governs, scopePath } from '@yanxiu/registry/row-security';
import { fence, isSelf, scopeFunctions, scopeRole } from '@yanxiu/subgraph/row-security';

/*
 * Which units a teacher has belonged to: what reach hangs on, kept by the database from her posts.
 * All posts of a teacher are seen or none, else a former one would pass for the current.
 */
const unitTable = [
  `CREATE TABLE teacher_unit (
    teacher_id uuid NOT NULL REFERENCES teacher (id),
    unit_code text NOT NULL REFERENCES org_unit (code),
    PRIMARY KEY (teacher_id, unit_code)
  )`,
  `CREATE FUNCTION keep_teacher_unit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO teacher_unit (teacher_id, unit_code)
      SELECT DISTINCT teacher_id, unit_code FROM added ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER post_unit_kept AFTER INSERT ON post
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION keep_teacher_unit()`,
  'INSERT INTO teacher_unit SELECT DISTINCT teacher_id, unit_code FROM post',
];

/**
 * Whoever was ever responsible for the teacher, and herself. Institutions meet teachers of all
 * units by the ids that other services give them; which of them, only the query knows.
 */
const reached = (teacher: string): string =>
  `(EXISTS (SELECT FROM teacher_unit r WHERE r.teacher_id = ${teacher})
    OR ${scopeRole('INSTITUTION', 'EVALUATOR')})`;

const fences = [
  ...fence('teacher_unit', governs('teacher_unit.unit_code'), isSelf('teacher_unit.teacher_id')),
  ...fence('teacher', reached('teacher.id')),
  ...fence('classification', reached('classification.teacher_id')),
  ...fence('post', reached('post.teacher_id')),
];

/** Who reaches which row, as a second fence behind the queries' own filters. */
export class RowSecurity1700000000011 implements MigrationInterface {
  name = 'RowSecurity1700000000011';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...scopeFunctions, scopePath, ...unitTable, ...fences]) {
      await queryRunner.query(statement);
    }
  }

  async down(): Promise<void> {
    throw new Error('the fence is not taken down: correct its policies by a new migration');
  }
}
