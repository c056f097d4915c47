import type { MigrationInterface, QueryRunner } from 'typeorm';
import { messagingTables } from '@yanxiu/messaging/tables';
import { registryTables } from '@yanxiu/registry/tables';
import { commandTables } from '@yanxiu/subgraph/command';
import { appendOnlyTrigger } from '@yanxiu/subgraph/database';

const LEVELS = "('NATIONAL', 'PROVINCIAL', 'CITY', 'COUNTY', 'SCHOOL')";
const SECTORS = "('BASIC', 'VOCATIONAL', 'HIGHER')";

const teacherTables = [
  `CREATE TABLE teacher_copy (
    id uuid PRIMARY KEY,
    sector text NOT NULL CHECK (sector IN ${SECTORS}),
    stage text NOT NULL,
    hired_on date NOT NULL,
    retired_on date
  )`,
  // What was known when: a transfer or a retirement adds a row. No unit: no longer in service.
  `CREATE TABLE teacher_post (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    teacher_id uuid NOT NULL REFERENCES teacher_copy,
    unit_code text,
    sector text NOT NULL CHECK (sector IN ${SECTORS}),
    stage text NOT NULL,
    valid_from date NOT NULL,
    recorded_at timestamptz NOT NULL
  )`,
  'CREATE INDEX teacher_post_of ON teacher_post (teacher_id, valid_from, seq)',
  'CREATE INDEX teacher_post_unit ON teacher_post (unit_code)',
];

const projectTables = [
  'CREATE TABLE institution_copy (id uuid PRIMARY KEY, code text NOT NULL UNIQUE)',
  'CREATE TABLE project_copy (id uuid PRIMARY KEY, deliverer_ids uuid[] NOT NULL)',
];

const causeTables = [
  `CREATE TABLE enrolment (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL,
    teacher_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('CONFIRMED', 'WITHDRAWN'))
  )`,
  'CREATE INDEX enrolment_project ON enrolment (project_id)',
  `CREATE TABLE cause (
    id uuid PRIMARY KEY,
    teacher_id uuid NOT NULL REFERENCES teacher_copy,
    enrolment_id uuid NOT NULL UNIQUE,
    project_id uuid NOT NULL,
    level text NOT NULL CHECK (level IN ${LEVELS}),
    category text NOT NULL,
    registrar_code text NOT NULL,
    unit_code text NOT NULL,
    first_date date NOT NULL,
    recorded_at timestamptz NOT NULL
  )`,
  'CREATE INDEX cause_teacher ON cause (teacher_id)',
  'CREATE INDEX cause_project ON cause (project_id)',
  `CREATE TABLE cause_session (
    cause_id uuid NOT NULL REFERENCES cause,
    session_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    modality text NOT NULL,
    planned_minutes integer NOT NULL CHECK (planned_minutes >= 0),
    attended_minutes integer NOT NULL CHECK (attended_minutes >= 0),
    PRIMARY KEY (cause_id, session_id)
  )`,
  // The local dates that a cause touches: causes that share one may change each other's result.
  `CREATE TABLE cause_date (
    teacher_id uuid NOT NULL,
    local_date date NOT NULL,
    cause_id uuid NOT NULL REFERENCES cause,
    PRIMARY KEY (teacher_id, local_date, cause_id)
  )`,
  'CREATE INDEX cause_date_cause ON cause_date (cause_id)',
];

const decisionTables = [
  `CREATE TABLE recognition_decision (
    id uuid PRIMARY KEY,
    cause_id uuid NOT NULL REFERENCES cause,
    teacher_id uuid NOT NULL,
    sequence integer NOT NULL CHECK (sequence >= 1),
    status text NOT NULL CHECK (status IN ('ACCEPTED', 'REFUSED')),
    rule text,
    reason jsonb NOT NULL,
    trace jsonb NOT NULL,
    planned_minutes integer NOT NULL,
    attended_minutes integer NOT NULL,
    credited_minutes integer NOT NULL CHECK (credited_minutes >= 0),
    decided_at timestamptz NOT NULL,
    UNIQUE (cause_id, sequence),
    UNIQUE (cause_id, id),
    CHECK ((status = 'REFUSED') = (rule IS NOT NULL)),
    CHECK ((status = 'REFUSED') = (credited_minutes = 0))
  )`,
  // HOURS-ONCE: a cause has one live decision.
  `CREATE TABLE live_decision (
    cause_id uuid PRIMARY KEY,
    decision_id uuid NOT NULL,
    FOREIGN KEY (cause_id, decision_id) REFERENCES recognition_decision (cause_id, id)
  )`,
];

/*
 * At most one live credit for a cause and year, by construction of append-only rows: the first
 * credit stands alone (unique), every later one follows a reversal that no other follows, and a
 * credit is reversed once, by exactly its amount. So credits ≤ reversals + 1.
 */
const ledgerTables = [
  `CREATE TABLE hour_entry (
    id uuid PRIMARY KEY,
    teacher_id uuid NOT NULL REFERENCES teacher_copy,
    cause_id uuid NOT NULL,
    decision_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('CREDIT', 'REVERSAL')),
    reverses_entry_id uuid UNIQUE,
    follows_entry_id uuid UNIQUE,
    follows_kind text GENERATED ALWAYS AS
      (CASE WHEN follows_entry_id IS NULL THEN NULL ELSE 'REVERSAL' END) STORED,
    year integer NOT NULL CHECK (year BETWEEN 2000 AND 2100),
    centihours integer NOT NULL,
    reversed_centihours integer GENERATED ALWAYS AS
      (CASE WHEN kind = 'REVERSAL' THEN -centihours END) STORED,
    valid_on date NOT NULL CHECK (extract(year FROM valid_on) = year),
    recorded_at timestamptz NOT NULL,
    unit_code text NOT NULL,
    project_id uuid NOT NULL,
    level text NOT NULL CHECK (level IN ${LEVELS}),
    modality text NOT NULL,
    UNIQUE (id, cause_id, year, kind),
    UNIQUE (id, cause_id, year, centihours),
    UNIQUE (decision_id, year, kind),
    CHECK ((kind = 'REVERSAL') = (reverses_entry_id IS NOT NULL)),
    CHECK (kind = 'CREDIT' OR follows_entry_id IS NULL),
    CHECK ((kind = 'CREDIT' AND centihours > 0) OR (kind = 'REVERSAL' AND centihours < 0)),
    FOREIGN KEY (cause_id, decision_id) REFERENCES recognition_decision (cause_id, id),
    FOREIGN KEY (reverses_entry_id, cause_id, year, reversed_centihours)
      REFERENCES hour_entry (id, cause_id, year, centihours),
    FOREIGN KEY (follows_entry_id, cause_id, year, follows_kind)
      REFERENCES hour_entry (id, cause_id, year, kind)
  )`,
  `CREATE UNIQUE INDEX hour_entry_first_credit ON hour_entry (cause_id, year)
    WHERE kind = 'CREDIT' AND follows_entry_id IS NULL`,
  'CREATE INDEX hour_entry_teacher ON hour_entry (teacher_id, year, recorded_at, id)',
  'CREATE INDEX hour_entry_project ON hour_entry (project_id)',
];

const complianceTables = [
  `CREATE TABLE yearly_compliance (
    teacher_id uuid NOT NULL REFERENCES teacher_copy,
    year integer NOT NULL,
    centihours integer NOT NULL CHECK (centihours >= 0),
    required_centihours integer CHECK (required_centihours >= 0),
    verdict text NOT NULL CHECK (verdict IN ('MET', 'SHORT', 'NOT_REGULATED', 'EXEMPT')),
    policy_key text,
    policy_version integer,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (teacher_id, year),
    CHECK (verdict <> 'MET' OR centihours >= required_centihours),
    CHECK (verdict <> 'SHORT' OR centihours < required_centihours)
  )`,
  'CREATE INDEX yearly_compliance_verdict ON yearly_compliance (year, verdict)',
];

/** Copies of teachers, causes and decisions, the ledger of hours, the verdicts. */
export class Ledger1700000000001 implements MigrationInterface {
  name = 'Ledger1700000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    const statements = [
      ...messagingTables,
      ...commandTables,
      ...registryTables,
      ...teacherTables,
      ...projectTables,
      ...causeTables,
      ...decisionTables,
      ...ledgerTables,
      ...complianceTables,
      ...['teacher_post', 'cause', 'cause_session', 'cause_date'].flatMap(appendOnlyTrigger),
      ...['recognition_decision', 'hour_entry'].flatMap(appendOnlyTrigger),
    ];
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('the ledger is a record: this migration has no way back');
  }
}
