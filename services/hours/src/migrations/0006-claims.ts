import type { MigrationInterface, QueryRunner } from 'typeorm';
import { appendOnlyTrigger } from '@yanxiu/subgraph/database';
import { fence, scopeRole } from '@yanxiu/subgraph/row-security';

const claimTables = [
  `CREATE TABLE claim (
    id uuid PRIMARY KEY,
    teacher_id uuid NOT NULL REFERENCES teacher_copy,
    source text NOT NULL CHECK
      (source IN ('SELF_STUDY', 'SMART_EDUCATION', 'EXTERNAL', 'DEGREE', 'OVERSEAS')),
    category text NOT NULL,
    modality text NOT NULL,
    title text NOT NULL,
    project_id uuid,
    -- [{date, startTime or null, minutes}]
    sessions jsonb NOT NULL,
    first_date date NOT NULL,
    evidence_sha256 bytea NOT NULL CHECK (octet_length(evidence_sha256) = 32),
    evidence_name text NOT NULL,
    evidence_size bigint NOT NULL CHECK (evidence_size > 0),
    relevance text CHECK (source <> 'DEGREE' OR relevance IS NOT NULL),
    approval text CHECK (source <> 'OVERSEAS' OR approval IS NOT NULL),
    unit_code text NOT NULL,
    registrar_code text NOT NULL,
    institution_code text,
    status text NOT NULL CHECK (status IN
      ('SUBMITTED', 'RETURNED', 'CHECKED', 'ACCEPTED', 'REFUSED', 'APPEALED', 'DISMISSED')),
    -- Until when the next step is to be taken; null when none is.
    due_at timestamptz,
    submitted_at timestamptz NOT NULL
  )`,
  // One claim for what a piece of evidence shows from a day on, unless the school gave it back.
  `CREATE UNIQUE INDEX claim_once ON claim (teacher_id, evidence_sha256, first_date)
    WHERE status <> 'RETURNED'`,
  'CREATE INDEX claim_waiting ON claim (status, due_at, id) WHERE due_at IS NOT NULL',
  `CREATE TABLE claim_step (
    claim_id uuid NOT NULL REFERENCES claim,
    sequence smallint NOT NULL,
    status text NOT NULL,
    reason text,
    actor text NOT NULL,
    unit_code text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (claim_id, sequence)
  )`,
];

/** Whoever reaches the teacher, and the institution that made the claim. */
const fences = [
  ...fence(
    'claim',
    'EXISTS (SELECT FROM teacher_unit r WHERE r.teacher_id = claim.teacher_id)',
    `(${scopeRole('INSTITUTION')} AND claim.institution_code = scope_institution())`,
  ),
  ...fence('claim_step', 'EXISTS (SELECT FROM claim c WHERE c.id = claim_step.claim_id)'),
];

/** What teachers claim: evidence, the school's check, the registrar's decision, the appeal. */
export class Claims1700000000012 implements MigrationInterface {
  name = 'Claims1700000000012';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...claimTables, ...appendOnlyTrigger('claim_step'), ...fences]) {
      await queryRunner.query(statement);
    }
  }

  async down(): Promise<void> {
    throw new Error('claims are on record: this migration has no way back');
  }
}
