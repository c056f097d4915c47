import type { MigrationInterface, QueryRunner } from 'typeorm';
import { messagingTables } from '@yanxiu/messaging/tables';
import { registryTables } from '@yanxiu/registry/tables';
import { commandTables } from '@yanxiu/subgraph/command';

const tables = [
  `CREATE TABLE annual_plan (
    id uuid PRIMARY KEY,
    unit_code text NOT NULL,
    year integer NOT NULL CHECK (year BETWEEN 2000 AND 2100),
    title text NOT NULL,
    summary text NOT NULL,
    items jsonb NOT NULL,
    status text NOT NULL CHECK (status IN ('DRAFT', 'FILED', 'ACCEPTED', 'RETURNED')),
    superior_code text NOT NULL,
    return_reason text,
    drafted_at timestamptz NOT NULL,
    filed_at timestamptz,
    decided_at timestamptz,
    UNIQUE (unit_code, year),
    CHECK (status = 'DRAFT' OR filed_at IS NOT NULL),
    CHECK (status <> 'RETURNED' OR return_reason IS NOT NULL)
  )`,
  `CREATE TABLE study_record (
    id uuid PRIMARY KEY,
    unit_code text NOT NULL,
    year integer NOT NULL CHECK (year BETWEEN 2000 AND 2100),
    date date NOT NULL,
    topic text NOT NULL,
    recorded_at timestamptz NOT NULL
  )`,
  'CREATE INDEX study_record_unit ON study_record (unit_code, year)',
  `CREATE TABLE training_institution (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN
      ('NORMAL_UNIVERSITY', 'UNIVERSITY', 'DEVELOPMENT_BODY', 'BASE_SCHOOL', 'ENTERPRISE')),
    unit_code text NOT NULL,
    registered_at timestamptz NOT NULL
  )`,
  `CREATE TABLE accreditation (
    id uuid PRIMARY KEY,
    institution_id uuid NOT NULL REFERENCES training_institution,
    sectors text[] NOT NULL CHECK (cardinality(sectors) > 0
      AND sectors <@ ARRAY['BASIC', 'VOCATIONAL', 'HIGHER']),
    categories text[] NOT NULL CHECK (cardinality(categories) > 0),
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    by_unit_code text NOT NULL,
    at timestamptz NOT NULL,
    CHECK (valid_to >= valid_from)
  )`,
  'CREATE INDEX accreditation_institution ON accreditation (institution_id)',
  `CREATE TABLE institution_rating (
    id uuid PRIMARY KEY,
    institution_id uuid NOT NULL REFERENCES training_institution,
    grade text NOT NULL CHECK (grade IN ('A', 'B', 'C', 'D')),
    score integer NOT NULL CHECK (score BETWEEN 0 AND 10000),
    projects integer NOT NULL,
    at timestamptz NOT NULL
  )`,
  'CREATE INDEX institution_rating_institution ON institution_rating (institution_id)',
  `CREATE TABLE institution_suspension (
    id uuid PRIMARY KEY,
    institution_id uuid NOT NULL REFERENCES training_institution,
    by_unit_code text NOT NULL,
    reason text NOT NULL,
    cited_rating_id uuid REFERENCES institution_rating,
    from_date date NOT NULL,
    reinstated_on date,
    reinstated_reason text,
    CHECK (reinstated_on >= from_date)
  )`,
  // One open suspension of an institution by one unit.
  `CREATE UNIQUE INDEX institution_suspension_open
    ON institution_suspension (institution_id, by_unit_code) WHERE reinstated_on IS NULL`,
];

const projectTables = [
  `CREATE TABLE training_project (
    id uuid PRIMARY KEY,
    code text UNIQUE,
    name text NOT NULL,
    level text NOT NULL CHECK (level IN ('NATIONAL', 'PROVINCIAL', 'CITY', 'COUNTY', 'SCHOOL')),
    sector text NOT NULL CHECK (sector IN ('BASIC', 'VOCATIONAL', 'HIGHER')),
    category text NOT NULL,
    year integer NOT NULL CHECK (year BETWEEN 2000 AND 2100),
    organiser_code text NOT NULL,
    authority_code text NOT NULL,
    deliverer_ids uuid[] NOT NULL,
    target_stages text[] NOT NULL,
    target_subjects text[] NOT NULL,
    target_ladders text[] NOT NULL,
    target_roles text[] NOT NULL,
    modes text[] NOT NULL,
    budget_fen bigint NOT NULL CHECK (budget_fen BETWEEN 0 AND 9007199254740991),
    funds_state text NOT NULL CHECK (funds_state IN
      ('NONE', 'ASKED', 'RESERVED', 'REFUSED', 'COMMITTED', 'RELEASED')),
    funds_request_id uuid,
    funds_rule text,
    funds_reason jsonb,
    status text NOT NULL CHECK (status IN
      ('DRAFT', 'SUBMITTED', 'REJECTED', 'APPROVED', 'FILED', 'ACCEPTED', 'SCHEME_APPROVED',
       'ENROLLING', 'RUNNING', 'RECOGNISED', 'EVALUATED', 'CLOSED', 'SUSPENDED', 'CANCELLED')),
    previous_status text,
    status_reason text,
    status_since timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    CHECK ((status = 'SUSPENDED') = (previous_status IS NOT NULL)),
    CHECK (funds_state = 'NONE' OR funds_request_id IS NOT NULL)
  )`,
  'CREATE INDEX training_project_organiser ON training_project (organiser_code, year)',
  'CREATE INDEX training_project_deliverer ON training_project USING gin (deliverer_ids)',
  'CREATE INDEX training_project_waiting ON training_project (status_since)',
  `CREATE TABLE project_step (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES training_project,
    status text NOT NULL,
    at timestamptz NOT NULL,
    actor_unit_code text
  )`,
  'CREATE INDEX project_step_project ON project_step (project_id, seq)',
  `CREATE TABLE training_scheme (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES training_project,
    version integer NOT NULL CHECK (version > 0),
    status text NOT NULL CHECK (status IN ('SUBMITTED', 'APPROVED', 'RETURNED', 'SUPERSEDED')),
    total_centihours integer NOT NULL CHECK (total_centihours > 0),
    practice_centihours integer NOT NULL
      CHECK (practice_centihours BETWEEN 0 AND total_centihours),
    practice_warning boolean NOT NULL,
    institution_id uuid REFERENCES training_institution,
    return_reason text,
    submitted_at timestamptz NOT NULL,
    decided_at timestamptz,
    UNIQUE (project_id, version)
  )`,
  `CREATE UNIQUE INDEX training_scheme_live
    ON training_scheme (project_id) WHERE status IN ('SUBMITTED', 'APPROVED')`,
  `CREATE TABLE scheme_module (
    scheme_id uuid NOT NULL REFERENCES training_scheme,
    ordinal integer NOT NULL CHECK (ordinal > 0),
    title text NOT NULL,
    type text NOT NULL CHECK (type IN
      ('ETHICS', 'SUBJECT', 'PEDAGOGY', 'LEADERSHIP', 'TECHNOLOGY', 'RESEARCH', 'GENERAL')),
    required boolean NOT NULL,
    centihours integer NOT NULL CHECK (centihours >= 0),
    practice boolean NOT NULL,
    delivery_method text NOT NULL CHECK (delivery_method IN
      ('LECTURE', 'CASE_TEACHING', 'FORUM', 'PROJECT_RESEARCH', 'PLACEMENT', 'SHADOWING',
       'OBSERVATION')),
    topics text[] NOT NULL,
    PRIMARY KEY (scheme_id, ordinal)
  )`,
  `CREATE TABLE needs_survey (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL UNIQUE REFERENCES training_project,
    title text NOT NULL,
    topics text[] NOT NULL CHECK (cardinality(topics) > 0),
    status text NOT NULL CHECK (status IN ('OPEN', 'CLOSED')),
    unit_code text NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    CHECK ((status = 'CLOSED') = (closed_at IS NOT NULL))
  )`,
  // The respondent is a teacher's id or a school's code: each answers once.
  `CREATE TABLE needs_survey_answer (
    survey_id uuid NOT NULL REFERENCES needs_survey,
    respondent text NOT NULL,
    counts jsonb NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (survey_id, respondent)
  )`,
];

/** Plans, studies, institutions, projects, schemes and surveys, over the kit's own tables. */
export class Training1700000000001 implements MigrationInterface {
  name = 'Training1700000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    const kit = [...messagingTables, ...commandTables, ...registryTables];
    for (const statement of [...kit, ...tables, ...projectTables]) {
      await queryRunner.query(statement);
    }
  }

  async down(): Promise<void> {
    throw new Error('the first migration is not undone: drop the database');
  }
}
