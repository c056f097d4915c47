import type { MigrationInterface, QueryRunner } from 'typeorm';
import { messagingTables } from '@yanxiu/messaging/tables';
import { registryTables } from '@yanxiu/registry/tables';
import { commandTables } from '@yanxiu/subgraph/command';
import { appendOnlyTrigger } from '@yanxiu/subgraph/database';

const YEAR = 'integer NOT NULL CHECK (fiscal_year BETWEEN 2000 AND 2100)';

const baseTables = [
  `CREATE TABLE funding_base (
    id uuid PRIMARY KEY,
    unit_code text NOT NULL,
    fiscal_year ${YEAR},
    version integer NOT NULL CHECK (version >= 1),
    payroll_fen bigint CHECK (payroll_fen >= 0),
    teacher_payroll_fen bigint CHECK (teacher_payroll_fen >= 0),
    public_funds_fen bigint CHECK (public_funds_fen >= 0),
    source text NOT NULL,
    declared_by_code text NOT NULL,
    declared_at timestamptz NOT NULL,
    UNIQUE (unit_code, fiscal_year, version)
  )`,
  // What holds now, computed anew when a declaration, a budget or a parameter changes.
  `CREATE TABLE statutory_requirement (
    unit_code text NOT NULL,
    fiscal_year ${YEAR},
    rule text NOT NULL CHECK (rule IN ('FUND-GOV', 'FUND-SCHOOL', 'FUND-HIGHER')),
    comparator text NOT NULL CHECK (comparator IN ('MINIMUM', 'EXACT')),
    funding_base_id uuid NOT NULL REFERENCES funding_base,
    base_fen bigint NOT NULL CHECK (base_fen >= 0),
    basis_points integer NOT NULL CHECK (basis_points >= 0),
    required_fen bigint NOT NULL CHECK (required_fen >= 0),
    budgeted_fen bigint NOT NULL CHECK (budgeted_fen >= 0),
    shortfall_fen bigint NOT NULL CHECK (shortfall_fen = greatest(required_fen - budgeted_fen, 0)),
    policy_key text NOT NULL,
    policy_version integer NOT NULL,
    article text NOT NULL,
    computed_at timestamptz NOT NULL,
    PRIMARY KEY (unit_code, fiscal_year)
  )`,
];

/*
 * One row of balances for a budget: whoever moves its money locks it. No account but the
 * appropriation (the counter-account) goes below zero, and all of them sum to zero.
 */
const budgetTables = [
  `CREATE TABLE budget (
    id uuid PRIMARY KEY,
    unit_code text NOT NULL,
    fiscal_year ${YEAR},
    source text NOT NULL
      CHECK (source IN ('LOCAL_TREASURY', 'CENTRAL', 'PROVINCIAL_TRANSFER', 'OWN')),
    approved_by text NOT NULL,
    approved_at timestamptz NOT NULL,
    UNIQUE (unit_code, fiscal_year)
  )`,
  `CREATE TABLE account_balance (
    budget_id uuid PRIMARY KEY REFERENCES budget,
    appropriation_fen bigint NOT NULL DEFAULT 0 CHECK (appropriation_fen <= 0),
    available_fen bigint NOT NULL DEFAULT 0 CHECK (available_fen >= 0),
    reserved_fen bigint NOT NULL DEFAULT 0 CHECK (reserved_fen >= 0),
    committed_fen bigint NOT NULL DEFAULT 0 CHECK (committed_fen >= 0),
    paid_fen bigint NOT NULL DEFAULT 0 CHECK (paid_fen >= 0),
    CHECK (appropriation_fen + available_fen + reserved_fen + committed_fen + paid_fen = 0)
  )`,
];

const ledgerTables = [
  `CREATE TABLE journal_entry (
    id uuid PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    budget_id uuid NOT NULL REFERENCES budget,
    kind text NOT NULL
      CHECK (kind IN ('APPROVE', 'ADJUST', 'RESERVE', 'COMMIT', 'RELEASE', 'PAY', 'REVERSE')),
    project_id uuid,
    request_id uuid,
    reason text,
    reverses_entry_id uuid UNIQUE REFERENCES journal_entry,
    at timestamptz NOT NULL,
    CHECK ((kind = 'REVERSE') = (reverses_entry_id IS NOT NULL)),
    CHECK ((kind IN ('APPROVE', 'ADJUST')) = (project_id IS NULL))
  )`,
  'CREATE INDEX journal_entry_budget ON journal_entry (budget_id, seq)',
  'CREATE INDEX journal_entry_project ON journal_entry (project_id, seq)',
  `CREATE TABLE journal_line (
    entry_id uuid NOT NULL REFERENCES journal_entry,
    account text NOT NULL
      CHECK (account IN ('APPROPRIATION', 'AVAILABLE', 'RESERVED', 'COMMITTED', 'PAID')),
    amount_fen bigint NOT NULL CHECK (amount_fen <> 0),
    PRIMARY KEY (entry_id, account)
  )`,
  `CREATE FUNCTION entry_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      entry uuid := CASE TG_TABLE_NAME WHEN 'journal_entry'
        THEN (to_jsonb(NEW) ->> 'id')::uuid ELSE (to_jsonb(NEW) ->> 'entry_id')::uuid END;
    BEGIN
      IF (SELECT count(*) < 2 OR sum(amount_fen) <> 0 FROM journal_line WHERE entry_id = entry) THEN
        RAISE EXCEPTION 'journal entry % does not sum to zero', entry
          USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$`,
  ...['journal_entry', 'journal_line'].map(
    (table) => `CREATE CONSTRAINT TRIGGER ${table}_balanced AFTER INSERT ON ${table}
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION entry_is_balanced()`,
  ),
];

const projectTables = [
  `CREATE TABLE commitment (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL,
    request_id uuid NOT NULL UNIQUE,
    budget_id uuid REFERENCES budget,
    unit_code text NOT NULL,
    fiscal_year ${YEAR},
    amount_fen bigint NOT NULL CHECK (amount_fen >= 0),
    paid_fen bigint NOT NULL DEFAULT 0 CHECK (paid_fen >= 0),
    released_fen bigint NOT NULL DEFAULT 0 CHECK (released_fen >= 0),
    committed_at timestamptz NOT NULL,
    released_at timestamptz,
    CHECK (paid_fen + released_fen <= amount_fen),
    CHECK (budget_id IS NOT NULL OR amount_fen = 0)
  )`,
  `CREATE TABLE project_funds (
    project_id uuid PRIMARY KEY,
    request_id uuid NOT NULL,
    unit_code text NOT NULL,
    fiscal_year ${YEAR},
    amount_fen bigint NOT NULL CHECK (amount_fen >= 0),
    state text NOT NULL CHECK (state IN ('RESERVED', 'REFUSED', 'COMMITTED', 'RELEASED')),
    budget_id uuid REFERENCES budget,
    commitment_id uuid REFERENCES commitment,
    refused_rule text,
    refused_reason jsonb,
    changed_at timestamptz NOT NULL,
    CHECK ((state = 'REFUSED') = (refused_rule IS NOT NULL)),
    CHECK ((state = 'REFUSED') = (refused_reason IS NOT NULL)),
    CHECK (state <> 'COMMITTED' OR commitment_id IS NOT NULL)
  )`,
  `CREATE TABLE payment (
    id uuid PRIMARY KEY,
    commitment_id uuid NOT NULL REFERENCES commitment,
    project_id uuid NOT NULL,
    entry_id uuid NOT NULL UNIQUE REFERENCES journal_entry,
    unit_code text NOT NULL,
    fiscal_year ${YEAR},
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    category text NOT NULL,
    payee text NOT NULL,
    paid_on date NOT NULL,
    recorded_at timestamptz NOT NULL
  )`,
  'CREATE INDEX payment_project ON payment (project_id, id)',
  'CREATE INDEX payment_unit ON payment (unit_code, fiscal_year, id)',
];

/** Declarations, requirements, budgets, the double-entry ledger, and the money of projects. */
export class Funding1700000000001 implements MigrationInterface {
  name = 'Funding1700000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    const statements = [
      ...messagingTables,
      ...commandTables,
      ...registryTables,
      ...baseTables,
      ...budgetTables,
      ...ledgerTables,
      ...projectTables,
      ...['funding_base', 'journal_entry', 'journal_line', 'payment'].flatMap(appendOnlyTrigger),
    ];
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('the ledger is a record: this migration has no way back');
  }
}
