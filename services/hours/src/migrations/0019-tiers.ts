import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A page of counts finds the counties of the province without going through its schools. */
export class Tiers1700000000046 implements MigrationInterface {
  name = 'Tiers1700000000046';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE INDEX org_unit_tier ON org_unit (tier, path)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX org_unit_tier');
  }
}
