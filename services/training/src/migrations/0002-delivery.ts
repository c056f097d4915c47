import type { MigrationInterface, QueryRunner } from 'typeorm';

const teacher = [
  `CREATE TABLE teacher_copy (
    id uuid PRIMARY KEY,
    unit_code text NOT NULL,
    sector text NOT NULL,
    stage text NOT NULL,
    subject text,
    ladder text NOT NULL,
    roles text[] NOT NULL,
    hired_on date NOT NULL,
    retired_on date
  )`,
  'CREATE INDEX teacher_copy_unit ON teacher_copy (unit_code)',
];

const trainingClass = [
  `CREATE TABLE training_class (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES training_project (id),
    name text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    capacity integer NOT NULL CHECK (capacity > 0),
    place text NOT NULL,
    modality text NOT NULL CHECK (modality IN
      ('FACE_TO_FACE', 'ONLINE', 'PLACEMENT', 'SHADOWING', 'OUTREACH', 'SCHOOL_BASED')),
    status text NOT NULL CHECK (status IN ('OPEN', 'COMPLETED')),
    opened_at timestamptz NOT NULL,
    completed_at timestamptz,
    UNIQUE (project_id, number),
    CHECK (starts_on <= ends_on),
    CHECK ((status = 'COMPLETED') = (completed_at IS NOT NULL))
  )`,
];

const quota = [
  // The last check is QUOTA-SPLIT and NOMINATION-QUOTA, held by the database as well.
  `CREATE TABLE quota (
    class_id uuid NOT NULL REFERENCES training_class (id),
    unit_code text NOT NULL,
    id uuid NOT NULL UNIQUE,
    source_code text,
    seats integer NOT NULL CHECK (seats >= 0),
    given integer NOT NULL DEFAULT 0 CHECK (given >= 0),
    used integer NOT NULL DEFAULT 0 CHECK (used >= 0),
    allocated_at timestamptz NOT NULL,
    PRIMARY KEY (class_id, unit_code),
    FOREIGN KEY (class_id, source_code) REFERENCES quota (class_id, unit_code),
    CHECK (given + used <= seats)
  )`,
];

const enrolment = [
  `CREATE TABLE nomination (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES training_project (id),
    class_id uuid NOT NULL REFERENCES training_class (id),
    teacher_id uuid NOT NULL REFERENCES teacher_copy (id),
    unit_code text NOT NULL,
    quota_unit_code text NOT NULL,
    nominated_by text NOT NULL,
    status text NOT NULL CHECK (status IN ('NOMINATED', 'CONFIRMED', 'WITHDRAWN')),
    nominated_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    FOREIGN KEY (class_id, quota_unit_code) REFERENCES quota (class_id, unit_code)
  )`,
  `CREATE UNIQUE INDEX nomination_once ON nomination (project_id, teacher_id)
    WHERE status <> 'WITHDRAWN'`,
  'CREATE INDEX nomination_class ON nomination (class_id)',
  `CREATE TABLE enrolment (
    id uuid PRIMARY KEY,
    nomination_id uuid NOT NULL UNIQUE REFERENCES nomination (id),
    project_id uuid NOT NULL REFERENCES training_project (id),
    class_id uuid NOT NULL REFERENCES training_class (id),
    teacher_id uuid NOT NULL REFERENCES teacher_copy (id),
    unit_code text NOT NULL,
    status text NOT NULL CHECK (status IN
      ('CONFIRMED', 'COMPLETED', 'CREDITED', 'REFUSED', 'WITHDRAWN')),
    confirmed_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    withdrawal_reason text,
    decision_id uuid,
    decided_at timestamptz,
    credited_centihours integer NOT NULL DEFAULT 0,
    refusal_rule text,
    CHECK ((status IN ('CREDITED', 'REFUSED')) = (decision_id IS NOT NULL))
  )`,
  'CREATE INDEX enrolment_project ON enrolment (project_id, status)',
  'CREATE INDEX enrolment_class ON enrolment (class_id)',
  'CREATE INDEX enrolment_teacher ON enrolment (teacher_id)',
];

const session = [
  `CREATE TABLE session (
    id uuid PRIMARY KEY,
    class_id uuid NOT NULL REFERENCES training_class (id),
    module_ordinal integer CHECK (module_ordinal > 0),
    title text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    planned_minutes integer NOT NULL CHECK (planned_minutes > 0),
    modality text NOT NULL CHECK (modality IN
      ('FACE_TO_FACE', 'ONLINE', 'PLACEMENT', 'SHADOWING', 'OUTREACH', 'SCHOOL_BASED')),
    recorded_at timestamptz,
    CHECK (starts_at < ends_at)
  )`,
  'CREATE INDEX session_class ON session (class_id, starts_at)',
  `CREATE TABLE attendance (
    session_id uuid NOT NULL REFERENCES session (id),
    enrolment_id uuid NOT NULL REFERENCES enrolment (id),
    attended_minutes integer NOT NULL CHECK (attended_minutes >= 0),
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL,
    PRIMARY KEY (session_id, enrolment_id)
  )`,
  'CREATE INDEX attendance_enrolment ON attendance (enrolment_id)',
  `CREATE TABLE attendance_correction (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id uuid NOT NULL,
    enrolment_id uuid NOT NULL,
    former_minutes integer NOT NULL,
    attended_minutes integer NOT NULL,
    corrected_at timestamptz NOT NULL,
    corrected_by text NOT NULL
  )`,
  'CREATE INDEX attendance_correction_session ON attendance_correction (session_id)',
];

const participation = [
  `CREATE TABLE participation (
    id uuid PRIMARY KEY,
    enrolment_id uuid NOT NULL UNIQUE REFERENCES enrolment (id),
    class_id uuid NOT NULL REFERENCES training_class (id),
    registrar_code text NOT NULL,
    planned_minutes integer NOT NULL CHECK (planned_minutes >= 0),
    attended_minutes integer NOT NULL,
    completed_at timestamptz NOT NULL,
    CHECK (attended_minutes BETWEEN 0 AND planned_minutes)
  )`,
  'CREATE INDEX participation_class ON participation (class_id)',
];

/** Classes, quota, nominations, enrolments, sessions with attendance, participations. */
export class Delivery1700000000002 implements MigrationInterface {
  name = 'Delivery1700000000002';

  async up(queryRunner: QueryRunner): Promise<void> {
    const statements = [
      ...teacher,
      ...trainingClass,
      ...quota,
      ...enrolment,
      ...session,
      ...participation,
    ];
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE participation, attendance_correction, attendance, session,
      enrolment, nomination, quota, training_class, teacher_copy`);
  }
}
