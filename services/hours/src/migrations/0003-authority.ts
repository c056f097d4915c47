import type { MigrationInterface, QueryRunner } from 'typeorm';
import { assignmentTables } from '@yanxiu/registry/tables';

/** Who holds which role. */
export class Authority1700000000003 implements MigrationInterface {
  name = 'Authority1700000000003';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of assignmentTables()) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('roles that were assigned are not forgotten');
  }
}
