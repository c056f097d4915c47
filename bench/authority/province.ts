import pg from 'pg';
import { SYSTEM_SESSION } from '@yanxiu/subgraph/scoped-database';
import { VALUES } from '../../services/hours/src/testing/policies.js';

export const PROVINCE = '140000';
/** One of 117. */
export const COUNTY = '140403';

const COUNTIES = 117;

/**
 * Units, teachers and postings as hours keeps them: 11 cities, 117 counties, a school for every
 * forty teachers, four postings and two verdicts a teacher. Written by SQL, since only the reading
 * is measured.
 */
export async function fill(ownerUrl: string, teachers: number): Promise<string> {
  const client = new pg.Client({ connectionString: ownerUrl, options: SYSTEM_SESSION });
  await client.connect();
  const schools = Math.max(COUNTIES, Math.round(teachers / 40));
  for (const [sql, values] of statements(teachers, schools)) await client.query(sql, values);
  for (const [key, value] of Object.entries(VALUES)) {
    await client.query(
      `INSERT INTO policy VALUES ($1, 1, $2, 'test', '2021-01-01', NULL, NULL, '{}', '-', '-', '-',
         '2021-01-01')`,
      [key, JSON.stringify(value)],
    );
  }
  await client.query('ANALYZE');
  const { rows } = await client.query<{ id: string }>(
    `SELECT p.teacher_id AS id FROM teacher_post p JOIN org_unit u ON u.code = p.unit_code
     WHERE u.parent_code = $1 ORDER BY 1 LIMIT 1`,
    [COUNTY],
  );
  await client.end();
  return rows[0]?.id ?? '';
}

const teacherId = "('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid";
const made = (kind: string) => `md5('${kind}' || n::text || ':' || k::text)::uuid`;
const city = "'14' || lpad((c % 11 + 1)::text, 2, '0')";
const county = `${city} || lpad((c / 11 + 1)::text, 2, '0')`;

const VERDICT = `teacher_id, year, centihours, required_centihours, verdict, policy_key,
  policy_version, changed_at`;

function statements(teachers: number, schools: number): [string, unknown[]][] {
  const unit = 'INSERT INTO org_unit (code, name, tier, sector, parent_code, path, valid_from)';
  const each = `generate_series(1, ${teachers}) AS n`;
  const posting = `${each} CROSS JOIN generate_series(1, 4) AS k`;
  const school = `(SELECT code FROM school WHERE s = n % ${schools})`;
  return [
    ['DELETE FROM org_unit', []],
    [`${unit} VALUES ($1, $1, 'PROVINCE', NULL, NULL, $1, '2000-01-01')`, [PROVINCE]],
    [
      `${unit} SELECT ${city} || '00', 'x', 'CITY', NULL, $1, $1 || '.' || ${city} || '00', '2000-01-01'
       FROM generate_series(0, 10) AS c`,
      [PROVINCE],
    ],
    [
      `${unit} SELECT ${county}, 'x', 'COUNTY', NULL, ${city} || '00',
         $1 || '.' || ${city} || '00.' || ${county}, '2000-01-01'
       FROM generate_series(0, ${COUNTIES - 1}) AS c`,
      [PROVINCE],
    ],
    [
      `CREATE TEMP TABLE school AS SELECT s, ${county} || lpad(s::text, 5, '0') AS code, ${county} AS above
       FROM generate_series(0, ${schools - 1}) AS s, LATERAL (SELECT s % ${COUNTIES} AS c) AS of`,
      [],
    ],
    [
      `${unit} SELECT s.code, 'x', 'SCHOOL', 'BASIC', s.above, a.path || '.' || s.code, '2000-01-01'
       FROM school s JOIN org_unit a ON a.code = s.above`,
      [],
    ],
    ['CREATE UNIQUE INDEX ON school (s)', []],
    ['ANALYZE school', []],
    [
      `INSERT INTO teacher_copy SELECT ${teacherId}, 'BASIC', 'PRIMARY', '2020-09-01' FROM ${each}`,
      [],
    ],
    [
      `INSERT INTO teacher_post (teacher_id, unit_code, sector, stage, valid_from, recorded_at)
       SELECT ${teacherId}, ${school}, 'BASIC', 'PRIMARY', '2020-09-01', '2021-01-01' FROM ${each}`,
      [],
    ],
    [
      `INSERT INTO cause SELECT ${teacherId}, ${made('cause')}, ${made('enrolment')},
         ${made('project')}, '2024-06-01', '2024-05-01', 'PARTICIPATION', 'SUBJECT', 'COUNTY',
         'FACE_TO_FACE', '140403', ${school}
       FROM ${posting}`,
      [],
    ],
    [
      `INSERT INTO recognition_decision (teacher_id, cause_id, id, decided_at, planned_minutes,
         attended_minutes, credited_minutes, sequence, rule, trace)
       SELECT ${teacherId}, ${made('cause')}, ${made('decision')}, '2024-06-01', 900, 900, 900, 1,
         NULL, '[]' FROM ${posting}`,
      [],
    ],
    [
      `INSERT INTO hour_entry (id, teacher_id, cause_id, recorded_at, centihours, raw_minutes,
         valid_on, year, turn, decision_sequence, unit_code)
       SELECT ${made('entry')}, ${teacherId}, ${made('cause')}, '2024-06-01', 2000, 900,
         make_date(2023 + k % 2, 5, 1), 2023 + k % 2, 1, 1, ${school}
       FROM ${posting}`,
      [],
    ],
    [
      `INSERT INTO yearly_compliance (${VERDICT}) SELECT ${teacherId}, 2022 + k, 4000, 7200, 'SHORT',
         'hours.basic.annual', 1, '2024-06-01'
       FROM ${each} CROSS JOIN generate_series(1, 2) AS k`,
      [],
    ],
  ];
}
