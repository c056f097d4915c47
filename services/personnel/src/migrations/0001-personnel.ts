import type { MigrationInterface, QueryRunner } from 'typeorm';
import { messagingTables } from '@yanxiu/messaging/tables';
import { commandTables } from '@yanxiu/subgraph/command';
import { appendOnlyTrigger } from '@yanxiu/subgraph/database';

const stages = `'KINDERGARTEN', 'PRIMARY', 'JUNIOR_SECONDARY', 'SENIOR_SECONDARY', 'SPECIAL',
  'SECONDARY_VOCATIONAL', 'HIGHER'`;

const orgUnitTables = [
  // The first eight columns and `path` are those of the registry copy, so that its queries work.
  `CREATE TABLE org_unit (
    code text PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    name text NOT NULL CHECK (name <> ''),
    tier text NOT NULL CHECK (tier IN ('PROVINCE', 'CITY', 'COUNTY', 'SCHOOL')),
    sector text CHECK (sector IN ('BASIC', 'VOCATIONAL', 'HIGHER')),
    stage text CHECK (stage IN (${stages})),
    parent_code text REFERENCES org_unit (code),
    path text COLLATE "C" NOT NULL UNIQUE,
    valid_from date NOT NULL,
    CHECK ((tier = 'SCHOOL') = (sector IS NOT NULL)),
    CHECK (stage IS NULL OR tier = 'SCHOOL'),
    CHECK ((tier = 'PROVINCE') = (parent_code IS NULL))
  )`,
  'CREATE INDEX org_unit_children ON org_unit (parent_code, code)',
  `CREATE TABLE org_unit_parent (
    code text NOT NULL REFERENCES org_unit (code),
    parent_code text NOT NULL REFERENCES org_unit (code),
    valid_from date NOT NULL,
    PRIMARY KEY (code, valid_from)
  )`,
];

const teacherTables = [
  // *_sealed: AES-256-GCM bound to column and row; the ID number is found by its keyed hash alone.
  `CREATE TABLE teacher (
    id uuid PRIMARY KEY,
    staff_number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    name_sealed text NOT NULL,
    id_number_sealed text NOT NULL,
    id_number_hash text NOT NULL UNIQUE,
    phone_sealed text,
    birth_date_sealed text NOT NULL,
    stage text NOT NULL CHECK (stage IN (${stages})),
    subject text,
    ladder text NOT NULL CHECK (ladder IN ('NEW', 'YOUNG', 'BACKBONE', 'MASTER')),
    roles text[] NOT NULL CHECK (roles <@ ARRAY['CLASSROOM_TEACHER', 'PRINCIPAL',
      'PARTY_SECRETARY', 'TEACHING_RESEARCHER', 'GRADUATE_SUPERVISOR', 'THREE_TEAMS']),
    title text,
    hired_on date NOT NULL,
    retired_on date CHECK (retired_on >= hired_on),
    recorded_at timestamptz NOT NULL
  )`,
  // What the teacher was from a date on (R6); `teacher` holds the latest.
  `CREATE TABLE classification (
    teacher_id uuid NOT NULL REFERENCES teacher (id),
    from_on date NOT NULL,
    stage text NOT NULL,
    subject text,
    ladder text NOT NULL,
    roles text[] NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (teacher_id, from_on)
  )`,
  `CREATE TABLE post (
    id uuid PRIMARY KEY,
    teacher_id uuid NOT NULL REFERENCES teacher (id),
    unit_code text NOT NULL REFERENCES org_unit (code),
    from_on date NOT NULL,
    to_on date CHECK (to_on >= from_on),
    recorded_at timestamptz NOT NULL,
    UNIQUE (teacher_id, from_on)
  )`,
  'CREATE UNIQUE INDEX post_open ON post (teacher_id) WHERE to_on IS NULL',
  'CREATE INDEX post_unit ON post (unit_code, teacher_id)',
];

const policyTables = [
  `CREATE TABLE instrument (
    citation text PRIMARY KEY,
    title text NOT NULL,
    issuer text NOT NULL,
    issued_on date NOT NULL
  )`,
  `CREATE TABLE policy (
    key text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    value jsonb NOT NULL,
    unit text NOT NULL,
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    scope_code text REFERENCES org_unit (code),
    rules text[] NOT NULL,
    instrument text NOT NULL REFERENCES instrument (citation),
    article text NOT NULL CHECK (article <> ''),
    quotation text NOT NULL CHECK (quotation <> ''),
    published_at timestamptz NOT NULL,
    PRIMARY KEY (key, version)
  )`,
  ...appendOnlyTrigger('instrument'),
  ...appendOnlyTrigger('policy'),
];

export class Personnel1700000000001 implements MigrationInterface {
  name = 'Personnel1700000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    const all = [
      ...messagingTables,
      ...commandTables,
      ...orgUnitTables,
      ...teacherTables,
      ...policyTables,
    ];
    for (const statement of all) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('the first migration is not taken back: drop the database instead');
  }
}
