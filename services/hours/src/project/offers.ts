import { grouped, load, type Batch, type Context } from '@yanxiu/subgraph/context';
import { badInput } from '@yanxiu/subgraph/errors';
import { parametersOf } from '../policy/queries.js';
import { currentUnitSql, today } from '../teacher/queries.js';

const MOST = 20;

/** An open project as it is shown to whom it is for. */
export interface OpenProjectView {
  projectId: string;
  classId: string;
  startsOn: string;
  endsOn: string;
  /** Hundredths of hours. */
  centihours: number;
  closes: boolean;
}

/** What a teacher misses in a year. */
export interface Gap {
  teacherId: string;
  year: number;
  /** Hundredths of hours. */
  missing: number;
}

/** Who asks, with the units at and above hers and the projects that she takes part in. */
const ASKED = `SELECT k.key, k.year, k.missing, k.most, t.sector, t.stage, t.subject, w.ladder,
    w.roles, string_to_array(u.path, '.') AS units,
    ARRAY(SELECT project_id FROM enrolment e
      WHERE e.teacher_id = t.id AND e.status = 'CONFIRMED') AS taken
  FROM jsonb_to_recordset($1::jsonb)
    AS k(key text, teacher uuid, year int, missing int, most int)
  JOIN teacher_copy t ON t.id = k.teacher
  JOIN org_unit u ON u.code = ${currentUnitSql('$2')}
  LEFT JOIN teacher_classification w ON w.teacher_id = t.id
  WHERE t.retired_on IS NULL OR t.retired_on >= $2`;

/**
 * Quotas of those units, with the seats that are neither split further nor taken, of classes that
 * begin after today and whose projects nominate now; with what they bring. One join of tables: the
 * planner knows nothing of how many rows come from a part that stands by itself.
 */
const SEATS = `SELECT q.unit_code, c.id AS class, c.starts_on, c.ends_on, p.id AS project, p.sector,
    p.target_stages, p.target_subjects, p.target_ladders, p.target_roles,
    coalesce(p.planned_centihours,
      (200 * c.planned_minutes::bigint + $3) / (2 * $3))::int AS centihours,
    q.seats - q.used - coalesce((SELECT sum(s.seats) FROM quota_copy s
      WHERE s.class_id = q.class_id AND s.source_code = q.unit_code), 0) AS free
  FROM project_copy p JOIN class_copy c ON c.project_id = p.id JOIN quota_copy q ON q.class_id = c.id
  WHERE p.nominating AND NOT p.suspended AND c.starts_on > $2
    AND q.unit_code IN (SELECT unnest(units) FROM asked)`;

/** Whom a project is for; one that asks for a fact is not for whom it is not known of here. */
const FITS = ['stage', 'subject', 'ladder']
  .map((fact) => `(s.target_${fact}s = '{}' OR a.${fact} = ANY (s.target_${fact}s))`)
  .concat("(s.target_roles = '{}' OR a.roles && s.target_roles)", 's.sector = a.sector')
  .join(' AND ');

const CHAIN = `SELECT a.*, u.code, u.depth
  FROM asked a CROSS JOIN unnest(a.units) WITH ORDINALITY AS u(code, depth)`;

/** The seat of a class comes from the nearest unit at or above hers that has a quota. */
const NEAREST = `SELECT DISTINCT ON (a.key, s.class) a.key, a.missing, a.most, s.project, s.class,
    s.starts_on, s.ends_on, s.centihours, s.free
  FROM chain a JOIN seat s ON s.unit_code = a.code
  WHERE ${FITS} AND s.centihours > 0 AND extract(year FROM s.ends_on) = a.year
    AND s.project <> ALL (a.taken)
  ORDER BY a.key, s.class, a.depth DESC`;

/** Of each project the earliest class with a seat. */
const OPEN = `SELECT DISTINCT ON (key, project) * FROM nearest
  WHERE free > 0 ORDER BY key, project, starts_on, class`;

const RANKED = `SELECT *, row_number() OVER (
    PARTITION BY key ORDER BY least(centihours, missing) DESC, starts_on, project) AS place
  FROM open`;

/** Keys are {@link Gap}s with how many are asked for, as JSON. */
const openProjectsOf: Batch<string, OpenProjectView[]> = async (context, keys) => {
  const on = today(context);
  const parameters = await parametersOf(context.db.manager);
  const minutesPerHour = parameters.on(on, null).value<number>('hours.minutesPerHour');
  const asked = keys.map((key) => {
    const [teacher, year, missing, most] = JSON.parse(key) as [string, number, number, number];
    return { key, teacher, year, missing, most };
  });
  const rows: (OpenProjectView & { key: string })[] = await context.db.query(
    `WITH asked AS MATERIALIZED (${ASKED}), seat AS MATERIALIZED (${SEATS}),
       chain AS MATERIALIZED (${CHAIN}), nearest AS (${NEAREST}), open AS (${OPEN}), ranked AS (${RANKED})
     SELECT key, project AS "projectId", class AS "classId", starts_on::text AS "startsOn",
       ends_on::text AS "endsOn", centihours, centihours >= missing AS closes
     FROM ranked WHERE place <= most ORDER BY key, place`,
    [JSON.stringify(asked), on, minutesPerHour],
  );
  return grouped(keys, rows, ({ key }) => key);
};

/** Open projects that would close a teacher's gap, or lessen it; all of a page by one query. */
export async function openProjects(
  context: Context,
  { teacherId, year, missing }: Gap,
  first: number,
): Promise<OpenProjectView[]> {
  if (first < 1 || first > MOST) {
    throw badInput(`first 须在 1 与 ${MOST} 之间。`, `first is from 1 to ${MOST}.`);
  }
  if (missing <= 0) return [];
  const key = JSON.stringify([teacherId, year, missing, first]);
  return (await load(context, openProjectsOf, key)) ?? [];
}
