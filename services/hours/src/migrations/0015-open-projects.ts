import type { MigrationInterface, QueryRunner } from 'typeorm';
import { fence } from '@yanxiu/subgraph/row-security';

/*
 * What training offers: for whom a project is, whether teachers may be nominated for it now, its
 * classes and their seats by unit. Of a project from before this migration no sector is known, and
 * it is offered to nobody until the view `projects` is rebuilt; its classes were never told.
 */
const offers = [
  `ALTER TABLE project_copy ADD COLUMN sector text,
    ADD COLUMN target_stages text[] NOT NULL DEFAULT '{}',
    ADD COLUMN target_subjects text[] NOT NULL DEFAULT '{}',
    ADD COLUMN target_ladders text[] NOT NULL DEFAULT '{}',
    ADD COLUMN target_roles text[] NOT NULL DEFAULT '{}',
    ADD COLUMN planned_centihours integer,
    ADD COLUMN nominating boolean NOT NULL DEFAULT false,
    ADD COLUMN suspended boolean NOT NULL DEFAULT false`,
  'CREATE INDEX project_copy_open ON project_copy (id) WHERE nominating AND NOT suspended',
  `CREATE TABLE class_copy (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    planned_minutes integer NOT NULL DEFAULT 0
  )`,
  'CREATE INDEX class_copy_project ON class_copy (project_id)',
  `CREATE TABLE quota_copy (
    class_id uuid NOT NULL,
    unit_code text NOT NULL,
    source_code text,
    seats integer NOT NULL,
    used integer NOT NULL DEFAULT 0,
    PRIMARY KEY (class_id, unit_code)
  )`,
  // Who takes part in a project is not offered it.
  'CREATE INDEX enrolment_teacher ON enrolment (teacher_id)',
];

/** What a teacher is by now, as far as teacher_copy does not say it. */
const classifications = [
  `CREATE TABLE teacher_classification (
    teacher_id uuid PRIMARY KEY,
    ladder text NOT NULL,
    roles text[] NOT NULL
  )`,
  ...fence(
    'teacher_classification',
    'EXISTS (SELECT FROM teacher_unit r WHERE r.teacher_id = teacher_classification.teacher_id)',
  ),
];

/** Open projects that would bring a teacher the hours that she misses. */
export class OpenProjects1700000000041 implements MigrationInterface {
  name = 'OpenProjects1700000000041';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...offers, ...classifications]) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('offers are known from events: this migration has no way back');
  }
}
