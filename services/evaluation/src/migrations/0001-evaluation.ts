import type { MigrationInterface, QueryRunner } from 'typeorm';
import { messagingTables } from '@yanxiu/messaging/tables';
import { registryTables } from '@yanxiu/registry/tables';
import { commandTables } from '@yanxiu/subgraph/command';
import { appendOnlyTrigger } from '@yanxiu/subgraph/database';
import { firstInstruments } from './first-instruments.js';

const score = (column: string): string => `${column} BETWEEN 0 AND 10000`;

const projectTables: readonly string[] = [
  `CREATE TABLE institution (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL
  )`,
  `CREATE TABLE instrument (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('ANONYMOUS', 'AGENCY', 'SUPERVISION')),
    version integer NOT NULL CHECK (version > 0),
    title text NOT NULL,
    items jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    UNIQUE (kind, version)
  )`,
  ...appendOnlyTrigger('instrument'),
  `CREATE TABLE project_evaluation (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL UNIQUE,
    project_name text NOT NULL,
    level text NOT NULL,
    year integer NOT NULL,
    organiser_code text NOT NULL,
    deliverer_ids uuid[] NOT NULL,
    state text NOT NULL CHECK (state IN ('WAITING', 'OPEN', 'CLOSED')),
    outcome text CHECK (outcome IN ('COMPOSITE', 'INSUFFICIENT')),
    anonymous_instrument_id uuid REFERENCES instrument (id),
    agency_instrument_id uuid REFERENCES instrument (id),
    supervision_instrument_id uuid REFERENCES instrument (id),
    opened_at timestamptz,
    deadline date,
    closed_at timestamptz,
    composite integer CHECK (${score('composite')}),
    agency_score integer CHECK (${score('agency_score')}),
    anonymous_score integer CHECK (${score('anonymous_score')}),
    supervision_score integer CHECK (${score('supervision_score')}),
    channels jsonb,
    CHECK ((state = 'CLOSED') = (closed_at IS NOT NULL)),
    CHECK (state <> 'OPEN' OR (opened_at IS NOT NULL AND deadline IS NOT NULL
      AND anonymous_instrument_id IS NOT NULL)),
    CHECK ((outcome = 'COMPOSITE') IS NOT TRUE OR (composite IS NOT NULL AND agency_score IS NOT NULL
      AND anonymous_score IS NOT NULL AND supervision_score IS NOT NULL)),
    CHECK (composite IS NULL OR outcome = 'COMPOSITE')
  )`,
  'CREATE INDEX project_evaluation_page ON project_evaluation (year DESC, id DESC)',
  'CREATE INDEX project_evaluation_organiser ON project_evaluation (organiser_code)',
  'CREATE INDEX project_evaluation_deliverer ON project_evaluation USING gin (deliverer_ids)',
  "CREATE INDEX project_evaluation_deadline ON project_evaluation (deadline) WHERE state = 'OPEN'",
  `CREATE TABLE eligible_participant (
    project_id uuid NOT NULL,
    teacher_id uuid NOT NULL,
    PRIMARY KEY (project_id, teacher_id)
  )`,
];

const channelTables: readonly string[] = [
  `CREATE TABLE agency_assessment (
    id uuid PRIMARY KEY,
    evaluation_id uuid NOT NULL REFERENCES project_evaluation (id),
    agency_code text NOT NULL,
    scores jsonb NOT NULL,
    score integer NOT NULL CHECK (${score('score')}),
    comment text NOT NULL,
    submitted_at timestamptz NOT NULL,
    UNIQUE (evaluation_id, agency_code)
  )`,
  `CREATE TABLE supervision (
    id uuid PRIMARY KEY,
    evaluation_id uuid NOT NULL REFERENCES project_evaluation (id),
    unit_code text NOT NULL,
    scores jsonb NOT NULL,
    score integer NOT NULL CHECK (${score('score')}),
    findings text NOT NULL,
    visited_on date NOT NULL,
    submitted_at timestamptz NOT NULL,
    UNIQUE (evaluation_id, unit_code, visited_on)
  )`,
];

/**
 * What docs/decisions/0006 says of these: no key, order or time leads from `signed_token` to
 * `spent_token` or `anonymous_response`, nor from one of the last two to the other.
 */
const anonymousTables: readonly string[] = [
  `CREATE TABLE anonymous_channel (
    project_id uuid PRIMARY KEY REFERENCES project_evaluation (project_id),
    public_key text NOT NULL,
    sealed_private_key text NOT NULL
  )`,
  `CREATE TABLE signed_token (
    project_id uuid NOT NULL REFERENCES anonymous_channel (project_id),
    teacher_id uuid NOT NULL,
    blinded_hash text NOT NULL,
    signed_on date NOT NULL,
    PRIMARY KEY (project_id, teacher_id)
  )`,
  `CREATE TABLE spent_token (
    token_hash text PRIMARY KEY,
    fingerprint text NOT NULL,
    project_id uuid NOT NULL REFERENCES anonymous_channel (project_id)
  )`,
  'CREATE INDEX spent_token_project ON spent_token (project_id)',
  `CREATE TABLE anonymous_response (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES anonymous_channel (project_id),
    answers smallint[] NOT NULL CHECK (1 <= ALL (answers) AND 5 >= ALL (answers))
  )`,
  'CREATE INDEX anonymous_response_project ON anonymous_response (project_id)',
];

const ratingTables: readonly string[] = [
  `CREATE TABLE institution_rating (
    id uuid PRIMARY KEY,
    institution_id uuid NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    grade text NOT NULL CHECK (grade IN ('A', 'B', 'C', 'D')),
    score integer NOT NULL CHECK (${score('score')}),
    projects integer NOT NULL CHECK (projects > 0),
    agreement integer CHECK (agreement BETWEEN 0 AND 100),
    project_id uuid NOT NULL,
    use_as text NOT NULL CHECK (use_as IN ('EVIDENCE', 'GATE')),
    rated_at timestamptz NOT NULL,
    UNIQUE (institution_id, number),
    UNIQUE (institution_id, project_id)
  )`,
  ...appendOnlyTrigger('institution_rating').slice(1),
  `CREATE TABLE pooled_result (
    id uuid PRIMARY KEY,
    institution_id uuid NOT NULL,
    projects integer NOT NULL CHECK (projects > 0),
    responses integer NOT NULL CHECK (responses > 0),
    score integer NOT NULL CHECK (${score('score')}),
    alpha integer,
    pooled_at timestamptz NOT NULL
  )`,
  'CREATE INDEX pooled_result_institution ON pooled_result (institution_id, pooled_at)',
  `CREATE TABLE pooled_project (
    institution_id uuid NOT NULL,
    project_id uuid NOT NULL,
    pool_id uuid REFERENCES pooled_result (id),
    PRIMARY KEY (institution_id, project_id)
  )`,
];

/** The first tables of evaluation, and version 1 of each instrument. */
export class Evaluation1700000000001 implements MigrationInterface {
  name = 'Evaluation1700000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    const statements = [
      ...messagingTables,
      ...commandTables,
      ...registryTables,
      ...projectTables,
      ...channelTables,
      ...anonymousTables,
      ...ratingTables,
    ];
    for (const statement of statements) await queryRunner.query(statement);
    for (const { id, kind, title, items } of firstInstruments) {
      await queryRunner.query(
        `INSERT INTO instrument (id, kind, version, title, items, published_at)
         VALUES ($1, $2, 1, $3, $4, '2023-05-04T00:00:00+08:00')`,
        [id, kind, title, JSON.stringify(items)],
      );
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP SCHEMA public CASCADE');
    await queryRunner.query('CREATE SCHEMA public');
  }
}
