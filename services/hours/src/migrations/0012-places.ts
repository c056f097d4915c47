import type { MigrationInterface, QueryRunner } from 'typeorm';
import { appendOnlyTrigger } from '@yanxiu/subgraph/database';

const places = [
  // Where a unit has stood in the tree, from when on and since when that is known.
  `CREATE TABLE org_unit_place (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    path text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    recorded_at timestamptz NOT NULL
  )`,
  'CREATE INDEX org_unit_place_of ON org_unit_place (code, valid_from, seq)',
  // Of the units from before this migration the present place is known, and counts for all time.
  `INSERT INTO org_unit_place (code, path, valid_from, recorded_at)
    SELECT code, path, valid_from, '2000-01-01' FROM org_unit ORDER BY path`,
];

/** The tree as it was known at any time. */
export class Places1700000000030 implements MigrationInterface {
  name = 'Places1700000000030';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...places, ...appendOnlyTrigger('org_unit_place')]) {
      await queryRunner.query(statement);
    }
  }

  async down(): Promise<void> {
    throw new Error('what was known of the tree is not forgotten');
  }
}
