import type { MigrationInterface, QueryRunner } from 'typeorm';

const PARTS = Array.from({ length: 16 }, (_, part) => `cause_p${String(part).padStart(2, '0')}`);

const appendOnly = (state: 'ENABLE' | 'DISABLE'): string[] =>
  ['cause', ...PARTS].map((table) => `ALTER TABLE ${table} ${state} TRIGGER ${table}_append_only`);

/*
 * A cause is told whole and never changes, and no one asks for a session of it alone. The last date
 * is kept beside the first: causes that share a date are found by an index, however long they last.
 */
const columns = [
  'CREATE DOMAIN minutes AS integer CHECK (VALUE >= 0)',
  `CREATE TYPE attended_session AS (
    session_id uuid,
    starts_at timestamptz,
    ends_at timestamptz,
    planned_minutes minutes,
    attended_minutes minutes,
    modality text
  )`,
  `ALTER TABLE cause ADD COLUMN sessions attended_session[], ADD COLUMN dates date[],
    ADD COLUMN last_date date GENERATED ALWAYS AS (dates[cardinality(dates)]) STORED`,
];

const move = [
  ...appendOnly('DISABLE'),
  `UPDATE cause c SET
    sessions = ARRAY(
      SELECT (session_id, starts_at, ends_at, planned_minutes, attended_minutes,
              modality)::attended_session
      FROM cause_session s WHERE s.teacher_id = c.teacher_id AND s.cause_id = c.id
      ORDER BY starts_at, session_id),
    dates = ARRAY(
      SELECT local_date FROM cause_date d WHERE d.teacher_id = c.teacher_id AND d.cause_id = c.id
      ORDER BY local_date)`,
  ...appendOnly('ENABLE'),
  'ALTER TABLE cause ALTER COLUMN sessions SET NOT NULL, ALTER COLUMN dates SET NOT NULL',
  'CREATE INDEX cause_dates ON cause (teacher_id, first_date, last_date)',
  'DROP TABLE cause_session, cause_date',
];

/** Sessions and local dates of a cause lie in it. */
export class CauseSessions1700000000047 implements MigrationInterface {
  name = 'CauseSessions1700000000047';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...columns, ...move]) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('the ledger is a record: this migration has no way back');
  }
}
