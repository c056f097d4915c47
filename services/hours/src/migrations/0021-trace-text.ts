import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A trace is read whole and never asked about: as text it takes half the room. */
export class TraceText1700000000048 implements MigrationInterface {
  name = 'TraceText1700000000048';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'ALTER TABLE recognition_decision ALTER COLUMN trace TYPE json USING trace::json',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'ALTER TABLE recognition_decision ALTER COLUMN trace TYPE jsonb USING trace::jsonb',
    );
  }
}
