import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What was recorded on a day is found by a few pages, as in the ledger: rows lie in the order of
 * their recording.
 */
export class RecordedWhen1700000000044 implements MigrationInterface {
  name = 'RecordedWhen1700000000044';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['teacher_post', 'teacher_leave']) {
      await queryRunner.query(
        `CREATE INDEX ${table}_recorded ON ${table} USING brin (recorded_at)`,
      );
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX teacher_post_recorded, teacher_leave_recorded');
  }
}
