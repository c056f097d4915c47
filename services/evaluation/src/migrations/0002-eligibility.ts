import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Eligibility hangs on an enrolment: who left and came back has two, told in any order. */
export class EligibilityByEnrolment1700000000002 implements MigrationInterface {
  name = 'EligibilityByEnrolment1700000000002';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [
      'ALTER TABLE eligible_participant ADD COLUMN enrolment_id uuid',
      // Of rows from before it is not known which enrolment made them.
      'UPDATE eligible_participant SET enrolment_id = gen_random_uuid()',
      'ALTER TABLE eligible_participant DROP CONSTRAINT eligible_participant_pkey',
      'ALTER TABLE eligible_participant ADD PRIMARY KEY (project_id, teacher_id, enrolment_id)',
    ]) {
      await queryRunner.query(statement);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [
      `DELETE FROM eligible_participant a USING eligible_participant b
       WHERE a.project_id = b.project_id AND a.teacher_id = b.teacher_id
         AND a.enrolment_id > b.enrolment_id`,
      'ALTER TABLE eligible_participant DROP CONSTRAINT eligible_participant_pkey',
      'ALTER TABLE eligible_participant DROP COLUMN enrolment_id',
      'ALTER TABLE eligible_participant ADD PRIMARY KEY (project_id, teacher_id)',
    ]) {
      await queryRunner.query(statement);
    }
  }
}
