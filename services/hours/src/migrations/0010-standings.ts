import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OVERSEERS, governs } from '@yanxiu/registry/row-security';
import { fence } from '@yanxiu/subgraph/row-security';

const KINDS = "('YEAR', 'CYCLE', 'CYCLE_ANNUAL', 'CYCLE_TOTAL')";
const VERDICTS = "('MET', 'SHORT', 'NOT_REGULATED', 'EXEMPT')";

/*
 * A row of yearly_compliance says what year it is for whom from the first day on, whether or not
 * anything has been posted: changed_at is null until something is. A row from before this
 * migration has no unit yet and counts in no cell, until the service goes through all teachers.
 */
const years = [
  'ALTER TABLE teacher_copy ADD COLUMN subject text',
  `ALTER TABLE yearly_compliance ALTER COLUMN changed_at DROP NOT NULL,
    ADD COLUMN unit_code text, ADD COLUMN sector text, ADD COLUMN stage text,
    ADD COLUMN subject text`,
];

const cycles = [
  `CREATE TABLE cycle_compliance (
    teacher_id uuid NOT NULL REFERENCES teacher_copy,
    first_year integer NOT NULL,
    last_year integer NOT NULL CHECK (last_year >= first_year),
    centihours integer NOT NULL CHECK (centihours >= 0),
    required_centihours integer CHECK (required_centihours >= 0),
    mode text NOT NULL CHECK (mode IN ('STRICT_ANNUAL', 'CYCLE_AVERAGE', 'FLOOR_PLUS_CYCLE')),
    annual_verdict text NOT NULL CHECK (annual_verdict IN ${VERDICTS}),
    total_verdict text NOT NULL CHECK (total_verdict IN ${VERDICTS}),
    verdict text NOT NULL CHECK (verdict IN ${VERDICTS}),
    policy_key text NOT NULL,
    policy_version integer NOT NULL,
    unit_code text NOT NULL,
    sector text NOT NULL,
    stage text NOT NULL,
    subject text,
    PRIMARY KEY (teacher_id, first_year)
  )`,
];

/*
 * Cells of the rollup: for each unit and everything below it, by one dimension at a time. Postings
 * only ever add to compliance_delta, so none waits for another; a job folds it into the cells.
 */
const rollup = [
  `CREATE TABLE compliance_rollup (
    kind text NOT NULL CHECK (kind IN ${KINDS}),
    year smallint NOT NULL,
    dimension text NOT NULL CHECK (dimension IN ('SECTOR', 'STAGE', 'SUBJECT')),
    unit_code text NOT NULL,
    value text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ${VERDICTS}),
    teachers integer NOT NULL,
    centihours bigint NOT NULL,
    PRIMARY KEY (kind, year, dimension, unit_code, value, verdict)
  )`,
  `CREATE INDEX compliance_rollup_empty ON compliance_rollup (year)
    WHERE teachers = 0 AND centihours = 0`,
  `CREATE TABLE compliance_delta (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ${KINDS}),
    year smallint NOT NULL,
    unit_code text NOT NULL,
    sector text NOT NULL,
    stage text NOT NULL,
    subject text,
    verdict text NOT NULL CHECK (verdict IN ${VERDICTS}),
    teachers integer NOT NULL,
    centihours bigint NOT NULL
  )`,
  // How far a walk through all teachers has come; its name says what it opens.
  `CREATE TABLE standing_walk (
    name text PRIMARY KEY,
    after uuid,
    done boolean NOT NULL DEFAULT false
  )`,
];

const fences = [
  // A teacher's own, and of those whose last known unit lies in the subtree.
  ...fence(
    'cycle_compliance',
    `EXISTS (SELECT FROM teacher_unit r
      WHERE r.teacher_id = cycle_compliance.teacher_id AND r.kept_until IS NULL)`,
  ),
  ...fence('compliance_rollup', governs('compliance_rollup.unit_code', OVERSEERS)),
  ...fence('compliance_delta', governs('compliance_delta.unit_code', OVERSEERS)),
];

/** Verdicts of all teachers for years and cycles, and their counts by unit. */
export class Standings1700000000020 implements MigrationInterface {
  name = 'Standings1700000000020';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...years, ...cycles, ...rollup, ...fences]) {
      await queryRunner.query(statement);
    }
  }

  async down(): Promise<void> {
    throw new Error('verdicts of all teachers stay: this migration has no way back');
  }
}
