import type { MigrationInterface, QueryRunner } from 'typeorm';
import { auditStatements } from '@yanxiu/subgraph/audit/tables';
import { fence, scopeFunctions } from '@yanxiu/subgraph/row-security';

const hashes = [
  // One row for each hash key in use: look-up and uniqueness hold while a key takes over.
  `CREATE TABLE id_number_hash (
    key_id text NOT NULL,
    hash text NOT NULL,
    teacher_id uuid NOT NULL REFERENCES teacher (id),
    PRIMARY KEY (key_id, hash),
    UNIQUE (teacher_id, key_id)
  )`,
  // The one hash key of a keyring in the old form has the id h1.
  `INSERT INTO id_number_hash (key_id, hash, teacher_id)
   SELECT 'h1', id_number_hash, id FROM teacher`,
  'ALTER TABLE teacher DROP COLUMN id_number_hash',
  // Commands alone look up a number.
  ...scopeFunctions,
  ...fence('id_number_hash'),
];

const erasure = [
  `ALTER TABLE teacher
    ADD COLUMN erased_at timestamptz,
    ALTER COLUMN name_sealed DROP NOT NULL,
    ALTER COLUMN id_number_sealed DROP NOT NULL,
    ALTER COLUMN birth_date_sealed DROP NOT NULL,
    ADD CHECK (erased_at IS NULL OR coalesce(name_sealed, id_number_sealed, phone_sealed,
      birth_date_sealed) IS NULL),
    ADD CHECK (erased_at IS NOT NULL OR num_nulls(name_sealed, id_number_sealed,
      birth_date_sealed) = 0)`,
];

/** Hashes of ID numbers under several keys, erasure, and the audit log of reads. */
export class Privacy1700000000010 implements MigrationInterface {
  name = 'Privacy1700000000010';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...hashes, ...erasure, ...auditStatements]) {
      await queryRunner.query(statement);
    }
  }

  async down(): Promise<void> {
    throw new Error('hashes cannot be made again without the keys, and an audit log is kept');
  }
}
