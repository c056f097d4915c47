import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OVERSEERS, governs } from '@yanxiu/registry/row-security';
import { fence } from '@yanxiu/subgraph/row-security';

/*
 * Simulations of units of any size, and how far each is. What a batch of teachers adds and
 * `last_teacher` are written in one transaction, so that a run goes on where it was. `stamp` names
 * the versions that it is judged by beside its own changes.
 */
const statements = [
  `CREATE TABLE simulation_run (
    id uuid PRIMARY KEY,
    changes jsonb NOT NULL,
    scope_code text NOT NULL,
    year smallint NOT NULL,
    requested_at timestamptz NOT NULL,
    started_at timestamptz,
    stamp text,
    total integer CHECK (total >= 0),
    done integer NOT NULL DEFAULT 0 CHECK (done >= 0),
    counts jsonb NOT NULL,
    changed_decisions integer NOT NULL DEFAULT 0,
    last_teacher uuid,
    finished_at timestamptz,
    CHECK ((started_at IS NULL) = (total IS NULL)),
    CHECK (finished_at IS NULL OR started_at IS NOT NULL)
  )`,
  `CREATE INDEX simulation_run_open ON simulation_run (requested_at, id)
    WHERE finished_at IS NULL`,
  ...fence('simulation_run', governs('simulation_run.scope_code', OVERSEERS)),
];

/** Changes of parameters tried out on units of any size. */
export class SimulationRuns1700000000043 implements MigrationInterface {
  name = 'SimulationRuns1700000000043';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('simulations are on record: this migration has no way back');
  }
}
