import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OVERSEERS, overseesScope } from '@yanxiu/registry/row-security';
import { fence } from '@yanxiu/subgraph/row-security';

/*
 * What a published version of a parameter makes to be decided anew, and how far that is. A batch
 * of teachers and `last_teacher` are written in one transaction, so that it goes on where it was.
 */
const table = `CREATE TABLE policy_recomputation (
    key text NOT NULL,
    version integer NOT NULL,
    id uuid NOT NULL UNIQUE,
    scope_code text,
    requested_at timestamptz NOT NULL,
    -- Transactions older than this one may not have seen the version: they are waited for.
    settled_after xid8,
    started_at timestamptz,
    total integer CHECK (total >= 0),
    done integer NOT NULL DEFAULT 0 CHECK (done >= 0),
    changed_decisions integer NOT NULL DEFAULT 0,
    changed_verdicts integer NOT NULL DEFAULT 0,
    last_teacher uuid,
    finished_at timestamptz,
    PRIMARY KEY (key, version),
    CHECK ((started_at IS NULL) = (total IS NULL)),
    CHECK (finished_at IS NULL OR started_at IS NOT NULL)
  )`;

const statements = [
  table,
  `CREATE INDEX policy_recomputation_open ON policy_recomputation (requested_at, key, version)
    WHERE finished_at IS NULL`,
  ...fence('policy_recomputation', overseesScope('policy_recomputation.scope_code', OVERSEERS)),
];

/** Publications that touch what is recorded, with the progress of deciding it anew. */
export class PolicyRecomputation1700000000021 implements MigrationInterface {
  name = 'PolicyRecomputation1700000000021';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('recomputations are on record: this migration has no way back');
  }
}
