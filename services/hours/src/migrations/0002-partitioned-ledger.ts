import type { MigrationInterface, QueryRunner } from 'typeorm';
import { appendOnlyTrigger } from '@yanxiu/subgraph/database';

/** Causes, decisions and entries of one teacher lie together, in one of these parts. */
const PARTITIONS = 16;
const BY_TEACHER = 'PARTITION BY HASH (teacher_id)';

/** In the order in which they refer to each other. */
const LEDGER = ['cause', 'cause_session', 'cause_date', 'recognition_decision', 'hour_entry'];

const LEVELS = "('NATIONAL', 'PROVINCIAL', 'CITY', 'COUNTY', 'SCHOOL')";
const SOURCES = `('PARTICIPATION', 'SCHOOL_BASED', 'SELF_STUDY', 'SMART_EDUCATION', 'EXTERNAL',
  'DEGREE', 'OVERSEAS')`;

const former = (table: string): string => `former_${table}`;

/** Kept under another name, without keys, until its rows are in the new tables. */
const setAside = [
  ...[...LEDGER, 'live_decision'].map(
    (table) => `CREATE TABLE ${former(table)} AS SELECT * FROM ${table}`,
  ),
  // Asked once for each cause: without it the copy takes hours.
  `CREATE INDEX ON ${former('cause_session')} (cause_id)`,
  `ANALYZE ${former('cause_session')}`,
  'DROP TABLE live_decision, hour_entry, recognition_decision, cause_date, cause_session, cause',
];

const causeTables = [
  // A claim has neither enrolment nor level; it may name the project that it belongs to.
  `CREATE TABLE cause (
    teacher_id uuid NOT NULL REFERENCES teacher_copy,
    id uuid NOT NULL,
    enrolment_id uuid,
    project_id uuid,
    recorded_at timestamptz NOT NULL,
    first_date date NOT NULL,
    source text NOT NULL CHECK (source IN ${SOURCES}),
    category text NOT NULL,
    level text CHECK (level IN ${LEVELS}),
    modality text NOT NULL,
    registrar_code text NOT NULL,
    unit_code text NOT NULL,
    PRIMARY KEY (teacher_id, id),
    CHECK ((enrolment_id IS NOT NULL) = (source IN ('PARTICIPATION', 'SCHOOL_BASED'))),
    CHECK ((enrolment_id IS NOT NULL) = (level IS NOT NULL)),
    CHECK (enrolment_id IS NULL OR project_id IS NOT NULL)
  ) ${BY_TEACHER}`,
  `CREATE UNIQUE INDEX cause_enrolment ON cause (enrolment_id, teacher_id)
    WHERE enrolment_id IS NOT NULL`,
  'CREATE INDEX cause_project ON cause (project_id) WHERE project_id IS NOT NULL',
  `CREATE TABLE cause_session (
    teacher_id uuid NOT NULL,
    cause_id uuid NOT NULL,
    session_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    planned_minutes integer NOT NULL CHECK (planned_minutes >= 0),
    attended_minutes integer NOT NULL CHECK (attended_minutes >= 0),
    modality text NOT NULL,
    PRIMARY KEY (teacher_id, cause_id, session_id),
    FOREIGN KEY (teacher_id, cause_id) REFERENCES cause
  ) ${BY_TEACHER}`,
  // The local dates that a cause touches: causes that share one may change each other's result.
  `CREATE TABLE cause_date (
    teacher_id uuid NOT NULL,
    local_date date NOT NULL,
    cause_id uuid NOT NULL,
    PRIMARY KEY (teacher_id, local_date, cause_id),
    FOREIGN KEY (teacher_id, cause_id) REFERENCES cause
  ) ${BY_TEACHER}`,
];

/*
 * HOURS-ONCE: a cause has one live decision, the last in an unbroken row of decisions each of
 * which takes the place of the one before. A line of a trace is [step, minutes before, minutes
 * after, version of the step's parameter, what it is about]; its words are made when it is shown.
 */
const decisionTables = [
  `CREATE TABLE recognition_decision (
    teacher_id uuid NOT NULL,
    cause_id uuid NOT NULL,
    id uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    planned_minutes integer NOT NULL,
    attended_minutes integer NOT NULL,
    credited_minutes integer NOT NULL CHECK (credited_minutes >= 0),
    sequence smallint NOT NULL CHECK (sequence >= 1),
    supersedes smallint GENERATED ALWAYS AS (nullif(sequence - 1, 0)::smallint) STORED,
    rule text,
    trace jsonb NOT NULL,
    PRIMARY KEY (teacher_id, cause_id, sequence),
    FOREIGN KEY (teacher_id, cause_id) REFERENCES cause,
    FOREIGN KEY (teacher_id, cause_id, supersedes) REFERENCES recognition_decision,
    CHECK ((rule IS NULL) = (credited_minutes > 0))
  ) ${BY_TEACHER}`,
  'CREATE INDEX recognition_decision_id ON recognition_decision (id)',
];

/*
 * At most one live credit for a cause and year, by construction of append-only rows: postings of
 * a cause and year are numbered, odd ones are credits, even ones take back exactly the credit
 * before, by a later decision. So credits ≤ reversals + 1.
 */
const entryTables = [
  `CREATE TABLE hour_entry (
    id uuid NOT NULL,
    teacher_id uuid NOT NULL,
    cause_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    centihours integer NOT NULL,
    raw_minutes integer NOT NULL CHECK (raw_minutes >= 0),
    valid_on date NOT NULL,
    year smallint NOT NULL CHECK (year BETWEEN 2000 AND 2100),
    turn smallint NOT NULL CHECK (turn >= 1),
    decision_sequence smallint NOT NULL,
    unit_code text NOT NULL,
    PRIMARY KEY (teacher_id, cause_id, year, turn),
    FOREIGN KEY (teacher_id, cause_id, decision_sequence) REFERENCES recognition_decision,
    CHECK (extract(year FROM valid_on) = year),
    CHECK (centihours <> 0 AND (centihours > 0) = (turn % 2 = 1))
  ) ${BY_TEACHER}`,
  'CREATE INDEX hour_entry_id ON hour_entry (id)',
  `CREATE FUNCTION check_hour_entry_turn() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      before record;
    BEGIN
      SELECT centihours, decision_sequence INTO before FROM hour_entry
      WHERE teacher_id = NEW.teacher_id AND cause_id = NEW.cause_id AND year = NEW.year
        AND turn = NEW.turn - 1;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no posting % of this cause and year to follow', NEW.turn - 1
          USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'hour_entry_follows';
      END IF;
      IF NEW.turn % 2 = 0 AND (NEW.centihours <> -before.centihours
                               OR NEW.decision_sequence <= before.decision_sequence) THEN
        RAISE EXCEPTION 'a reversal takes back exactly the credit before it, by a later decision'
          USING ERRCODE = 'check_violation', CONSTRAINT = 'hour_entry_reverses';
      END IF;
      IF NEW.turn % 2 = 1 AND NEW.decision_sequence < before.decision_sequence THEN
        RAISE EXCEPTION 'a credit is of no earlier decision than the reversal before it'
          USING ERRCODE = 'check_violation', CONSTRAINT = 'hour_entry_credits_again';
      END IF;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER hour_entry_turn AFTER INSERT ON hour_entry
    FOR EACH ROW WHEN (NEW.turn > 1) EXECUTE FUNCTION check_hour_entry_turn()`,
];

/** A statement-level trigger of a partitioned table is not asked when a part is named. */
const partitionsOf = (table: string): string[] => [
  ...appendOnlyTrigger(table),
  ...Array.from({ length: PARTITIONS }, (_, index) => {
    const part = `${table}_p${String(index).padStart(2, '0')}`;
    return [
      `CREATE TABLE ${part} PARTITION OF ${table}
        FOR VALUES WITH (MODULUS ${PARTITIONS}, REMAINDER ${index})`,
      ...appendOnlyTrigger(part),
    ];
  }).flat(),
];

const copyCauses = [
  `INSERT INTO cause (teacher_id, id, enrolment_id, project_id, recorded_at, first_date, source,
                      category, level, modality, registrar_code, unit_code)
    SELECT teacher_id, id, enrolment_id, project_id, recorded_at, first_date,
      CASE level WHEN 'SCHOOL' THEN 'SCHOOL_BASED' ELSE 'PARTICIPATION' END, category, level,
      coalesce((SELECT CASE count(DISTINCT modality) WHEN 1 THEN min(modality) END
                FROM ${former('cause_session')} s WHERE s.cause_id = c.id), 'MIXED'),
      registrar_code, unit_code
    FROM ${former('cause')} c`,
  `INSERT INTO cause_session (teacher_id, cause_id, session_id, starts_at, ends_at,
                              planned_minutes, attended_minutes, modality)
    SELECT c.teacher_id, cause_id, session_id, starts_at, ends_at, planned_minutes,
      attended_minutes, s.modality
    FROM ${former('cause_session')} s JOIN ${former('cause')} c ON c.id = s.cause_id`,
  `INSERT INTO cause_date (teacher_id, local_date, cause_id)
    SELECT teacher_id, local_date, cause_id FROM ${former('cause_date')}`,
];

const copyDecisions = `
  INSERT INTO recognition_decision (teacher_id, cause_id, id, decided_at, planned_minutes,
    attended_minutes, credited_minutes, sequence, rule, trace)
  SELECT teacher_id, cause_id, id, decided_at, planned_minutes, attended_minutes,
    credited_minutes, sequence, rule,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(line->'step', line->'minutesBefore',
              line->'minutesAfter', line->'policyVersion',
              CASE line->>'step'
                WHEN 'CAP' THEN substring(line->'text'->>'en' FROM '^\\d{4}-\\d\\d-\\d\\d')
                WHEN 'UNIT' THEN substring(line->'text'->>'en' FROM '^\\d{4}') END)
              ORDER BY place), '[]')
     FROM jsonb_array_elements(trace) WITH ORDINALITY AS t(line, place))
  FROM ${former('recognition_decision')}`;

/** The minutes of a session that lie before the turn of the year are rounded down, as in rules. */
const copyEntries = `
  WITH attended AS (
    SELECT cause_id, least(planned_minutes, attended_minutes) AS minutes,
      extract(year FROM starts_at AT TIME ZONE 'Asia/Shanghai') AS first_year,
      extract(epoch FROM ends_at - starts_at) AS length,
      extract(epoch FROM (date_trunc('year', starts_at AT TIME ZONE 'Asia/Shanghai')
        + interval '1 year') AT TIME ZONE 'Asia/Shanghai' - starts_at) AS in_first
    FROM ${former('cause_session')}
  ), piece AS (
    SELECT cause_id, first_year, minutes, CASE WHEN in_first >= length THEN minutes
      ELSE floor(minutes * in_first / length) END AS in_first FROM attended
  ), raw AS (
    SELECT cause_id, y.year, sum(y.minutes) AS minutes FROM piece, LATERAL (
      VALUES (first_year, in_first), (first_year + 1, minutes - in_first)) AS y(year, minutes)
    GROUP BY 1, 2
  )
  INSERT INTO hour_entry (id, teacher_id, cause_id, recorded_at, centihours, raw_minutes, valid_on,
    year, turn, decision_sequence, unit_code)
  SELECT e.id, e.teacher_id, e.cause_id, e.recorded_at, e.centihours, coalesce(raw.minutes, 0),
    e.valid_on, e.year,
    row_number() OVER (PARTITION BY e.cause_id, e.year ORDER BY d.sequence, e.kind DESC),
    d.sequence, e.unit_code
  FROM ${former('hour_entry')} e JOIN ${former('recognition_decision')} d ON d.id = e.decision_id
  LEFT JOIN raw ON raw.cause_id = e.cause_id AND raw.year = e.year`;

/** The ledger in parts by a hash of the teacher, with what hours come from. */
export class PartitionedLedger1700000000002 implements MigrationInterface {
  name = 'PartitionedLedger1700000000002';

  async up(queryRunner: QueryRunner): Promise<void> {
    const statements = [
      ...setAside,
      ...causeTables,
      ...decisionTables,
      ...entryTables,
      ...LEDGER.map((table) => partitionsOf(table).join(';')),
      ...copyCauses,
      copyDecisions,
      copyEntries,
      `DROP TABLE ${[...LEDGER, 'live_decision'].map(former).join(', ')}`,
    ];
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('the ledger is a record: this migration has no way back');
  }
}
