import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { migrate } from '@yanxiu/subgraph/database';
import { SYSTEM_SESSION } from '@yanxiu/subgraph/scoped-database';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { appendOnly, migrations } from '../database.js';

let database: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase({ service: 'hours', migrations: migrations.slice(0, 1) });
  owner = new pg.Client({ connectionString: database.ownerUrl, options: SYSTEM_SESSION });
  await owner.connect();
  await owner.query(EARLIER);
  const appRole = new URL(database.appUrl).username;
  await migrate({ ownerUrl: database.ownerUrl, appRole, migrations, appendOnly });
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

const TEACHER = '00000000-0000-7000-8000-000000000001';
const id = (n: number) => `00000000-0000-7000-8000-0000000000${String(n).padStart(2, '0')}`;
const line = (step: string, before: number, after: number, en: string, version: number | null) =>
  `{"step":"${step}","text":{"zh":"…","en":"${en}"},"minutesBefore":${before},` +
  `"minutesAfter":${after},"policyKey":"k","policyVersion":${version},"article":"a"}`;
const TRACE = `[${[
  line('ATTENDED', 120, 101, '120 minutes planned, 101 attended.', null),
  line('CAP', 101, 101, '2024-12-31: 101 minutes count (at most 8.00 hours a person a day).', 2),
  line('UNIT', 50, 50, '2024: 50 minutes at 45 minutes an hour are 1.11 hours.', 1),
].join()}]`;

/** What the first migration held: a class over New Year, decided on twice; and a refusal. */
const EARLIER = `
  INSERT INTO teacher_copy VALUES ('${TEACHER}', 'BASIC', 'PRIMARY', '2020-09-01', NULL);
  INSERT INTO cause VALUES
    ('${id(10)}', '${TEACHER}', '${id(11)}', '${id(12)}', 'CITY', 'SUBJECT', '140400',
     '140403001', '2024-12-31', '2025-01-02T00:00:00Z'),
    ('${id(20)}', '${TEACHER}', '${id(21)}', '${id(12)}', 'SCHOOL', 'SUBJECT', '140400',
     '140403001', '2025-03-03', '2025-03-04T00:00:00Z');
  INSERT INTO cause_session VALUES
    ('${id(10)}', '${id(13)}', '2024-12-31T15:00:00Z', '2024-12-31T17:00:00Z', 'ONLINE', 120, 101),
    ('${id(20)}', '${id(23)}', '2025-03-03T01:00:00Z', '2025-03-03T02:00:00Z', 'ONLINE', 60, 0),
    ('${id(20)}', '${id(24)}', '2025-03-03T03:00:00Z', '2025-03-03T04:00:00Z', 'SHADOWING', 60, 0);
  INSERT INTO cause_date VALUES ('${TEACHER}', '2024-12-31', '${id(10)}'),
    ('${TEACHER}', '2025-01-01', '${id(10)}'), ('${TEACHER}', '2025-03-03', '${id(20)}');
  INSERT INTO recognition_decision VALUES
    ('${id(14)}', '${id(10)}', '${TEACHER}', 1, 'ACCEPTED', NULL, '{}', '${TRACE}', 120, 101, 101,
     '2025-01-02T00:00:00Z'),
    ('${id(15)}', '${id(10)}', '${TEACHER}', 2, 'ACCEPTED', NULL, '{}', '[]', 120, 101, 80,
     '2025-01-05T00:00:00Z'),
    ('${id(25)}', '${id(20)}', '${TEACHER}', 1, 'REFUSED', 'HOURS-ABSENCE', '{}', '[]', 120, 0, 0,
     '2025-03-04T00:00:00Z');
  INSERT INTO live_decision VALUES ('${id(10)}', '${id(15)}'), ('${id(20)}', '${id(25)}');
  INSERT INTO hour_entry (id, teacher_id, cause_id, decision_id, kind, reverses_entry_id,
    follows_entry_id, year, centihours, valid_on, recorded_at, unit_code, project_id, level,
    modality)
  SELECT n::uuid, '${TEACHER}', '${id(10)}', d::uuid, kind, r::uuid, f::uuid, year, centihours,
    CASE year WHEN 2024 THEN '2024-12-31' ELSE '2025-01-01' END::date, at::timestamptz,
    '140403001', '${id(12)}', 'CITY', 'ONLINE'
  FROM (VALUES
    ('${id(30)}', '${id(14)}', 'CREDIT', NULL, NULL, 2024, 111, '2025-01-02T00:00:00Z'),
    ('${id(31)}', '${id(14)}', 'CREDIT', NULL, NULL, 2025, 113, '2025-01-02T00:00:00Z'),
    ('${id(33)}', '${id(15)}', 'REVERSAL', '${id(30)}', NULL, 2024, -111, '2025-01-05T00:00:00Z'),
    ('${id(34)}', '${id(15)}', 'REVERSAL', '${id(31)}', NULL, 2025, -113, '2025-01-05T00:00:00Z'),
    ('${id(32)}', '${id(15)}', 'CREDIT', NULL, '${id(34)}', 2025, 178, '2025-01-05T00:00:00Z')
  ) v (n, d, kind, r, f, year, centihours, at)`;

it('keeps every posting, numbered, with the minutes of its year', async () => {
  const { rows } = await owner.query<object>(
    `SELECT id, year, turn, centihours, raw_minutes, decision_sequence AS by,
       recorded_at = '2025-01-02T00:00:00Z' AS early
     FROM hour_entry ORDER BY year, turn`,
  );
  expect(rows).toEqual([
    { id: id(30), year: 2024, turn: 1, centihours: 111, raw_minutes: 50, by: 1, early: true },
    { id: id(33), year: 2024, turn: 2, centihours: -111, raw_minutes: 50, by: 2, early: false },
    { id: id(31), year: 2025, turn: 1, centihours: 113, raw_minutes: 51, by: 1, early: true },
    { id: id(34), year: 2025, turn: 2, centihours: -113, raw_minutes: 51, by: 2, early: false },
    { id: id(32), year: 2025, turn: 3, centihours: 178, raw_minutes: 51, by: 2, early: false },
  ]);
});

it('keeps causes with their source, and decisions with their trace', async () => {
  const causes = await owner.query<object>(
    'SELECT id, source, modality, enrolment_id FROM cause ORDER BY id',
  );
  expect(causes.rows).toEqual([
    { id: id(10), source: 'PARTICIPATION', modality: 'ONLINE', enrolment_id: id(11) },
    { id: id(20), source: 'SCHOOL_BASED', modality: 'MIXED', enrolment_id: id(21) },
  ]);
  const { rows } = await owner.query<object>(
    'SELECT id, sequence, rule, trace FROM recognition_decision ORDER BY id',
  );
  expect(rows).toMatchObject([
    {
      id: id(14),
      sequence: 1,
      rule: null,
      trace: [
        ['ATTENDED', 120, 101, null, null],
        ['CAP', 101, 101, 2, '2024-12-31'],
        ['UNIT', 50, 50, 1, '2024'],
      ],
    },
    { id: id(15), sequence: 2, rule: null },
    { id: id(25), sequence: 1, rule: 'HOURS-ABSENCE' },
  ]);
});

it('keeps sessions and dates in their cause', async () => {
  const { rows } = await owner.query<object>(
    `SELECT c.id, session_id AS session, starts_at = '2024-12-31T15:00:00Z' AS first,
       planned_minutes AS planned, attended_minutes AS attended, s.modality,
       array_to_string(dates, ' ') AS dates, last_date::text AS last
     FROM cause c, unnest(sessions) WITH ORDINALITY AS s(session_id, starts_at, ends_at,
       planned_minutes, attended_minutes, modality, place)
     ORDER BY c.id, place`,
  );
  const online = { modality: 'ONLINE', planned: 60, attended: 0, first: false };
  const ofMarch = { id: id(20), dates: '2025-03-03', last: '2025-03-03' };
  expect(rows).toEqual([
    {
      ...{ id: id(10), session: id(13), first: true, planned: 120, attended: 101 },
      ...{ modality: 'ONLINE', dates: '2024-12-31 2025-01-01', last: '2025-01-01' },
    },
    { ...ofMarch, ...online, session: id(23) },
    { ...ofMarch, ...online, session: id(24), modality: 'SHADOWING' },
  ]);
});

it('holds what has been moved against the owner too', async () => {
  for (const table of ['cause', 'cause_p00']) {
    await expect(owner.query(`UPDATE ${table} SET level = level`)).rejects.toThrow('append-only');
  }
});
