import { createHash } from 'node:crypto';
import pg from 'pg';
import type { System } from '@yanxiu/testkit/system';
import { until } from '@yanxiu/testkit/waiting';

/** A cause by whose it is and of which project: its own id is another in each database. */
const CAUSE = 'c.teacher_id, c.project_id';
const OF_CAUSE = 'JOIN cause c ON c.teacher_id = t.teacher_id AND c.id = t.cause_id';

/**
 * Business columns of hours with natural keys and recorded times. Left out are made ids, numbers in
 * the order of arrival, outbox, inbox and audit; and of a verdict when it last changed, which
 * depends on what arrived last. Of enrolments and projects those that are over.
 */
const TABLES: Readonly<Record<string, string>> = {
  teacher: 'SELECT id, sector, stage, subject, hired_on, retired_on FROM teacher_copy',
  post: 'SELECT teacher_id, unit_code, sector, stage, valid_from, recorded_at FROM teacher_post',
  leave: 'SELECT teacher_id, from_on, to_on, withdrawn, recorded_at FROM teacher_leave',
  cause: `SELECT ${CAUSE}, source, level, category, modality, registrar_code, unit_code,
    first_date, dates, sessions, recorded_at FROM cause c`,
  decision: `SELECT ${CAUSE}, t.sequence, t.rule, t.trace, t.planned_minutes, t.attended_minutes,
    t.credited_minutes, t.decided_at FROM recognition_decision t ${OF_CAUSE}`,
  entry: `SELECT ${CAUSE}, t.year, t.turn, t.decision_sequence, t.centihours, t.raw_minutes,
    t.valid_on, t.unit_code, t.recorded_at FROM hour_entry t ${OF_CAUSE}`,
  enrolment: `SELECT e.teacher_id, e.project_id, e.status FROM enrolment e
    JOIN cause c ON c.teacher_id = e.teacher_id AND c.enrolment_id = e.id`,
  project: `SELECT id, deliverer_ids, sector, nominating, suspended FROM project_copy p
    WHERE EXISTS (SELECT FROM cause c WHERE c.project_id = p.id)`,
  year: `SELECT teacher_id, year, centihours, required_centihours, verdict, policy_key,
    policy_version, unit_code, sector, stage, subject, changed_at IS NULL AS untouched
    FROM yearly_compliance`,
  cycle: 'SELECT * FROM cycle_compliance',
  count: 'SELECT * FROM compliance_rollup',
  report: 'SELECT * FROM report_cell',
};

/** The rows of each table as text, in order. */
export async function businessRows(system: System): Promise<Map<string, string[]>> {
  const client = new pg.Client({ connectionString: await system.databaseUrl('hours') });
  await client.connect();
  try {
    const tables = new Map<string, string[]>();
    for (const [name, query] of Object.entries(TABLES)) {
      const { rows } = await client.query<{ row: string }>(
        `SELECT to_jsonb(t)::text AS row FROM (${query}) t`,
      );
      tables.set(name, rows.map(({ row }) => row).sort());
    }
    return tables;
  } finally {
    await client.end();
  }
}

/** A line for each table: its rows, and a hash over them. */
export const digestOf = (tables: ReadonlyMap<string, readonly string[]>): string[] =>
  [...tables].map(([name, rows]) => {
    const hash = createHash('sha256').update(rows.join('\n')).digest('hex').slice(0, 16);
    return `${name} ${rows.length} ${hash}`;
  });

/** Until hours has opened the year for everyone, counted everything and kept its reports. */
export async function untilSettled(system: System, yesterday: string): Promise<void> {
  const client = new pg.Client({ connectionString: await system.databaseUrl('hours') });
  await client.connect();
  try {
    await until(
      async () => {
        const { rows } = await client.query<{ settled: boolean }>(
          `SELECT EXISTS (SELECT FROM standing_walk)
             AND NOT EXISTS (SELECT FROM standing_walk WHERE NOT done)
             AND NOT EXISTS (SELECT FROM compliance_delta)
             AND (SELECT through = $1 FROM report_seal) AS settled`,
          [yesterday],
        );
        return rows[0]?.settled;
      },
      { timeoutMs: 300_000, everyMs: 500, message: 'hours to have counted everything' },
    );
  } finally {
    await client.end();
  }
}
