import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OVERSEERS, governs, scopePath } from '@yanxiu/registry/row-security';
import { fence, isSelf, scopeFunctions, scopeRole } from '@yanxiu/subgraph/row-security';

/*
 * Which units a teacher has belonged to: what reach hangs on, kept by the database from her posts.
 * A former unit keeps what was recorded until the next post had begun and was known.
 */
const unitTable = [
  `CREATE TABLE teacher_unit (
    teacher_id uuid NOT NULL REFERENCES teacher_copy,
    unit_code text NOT NULL,
    kept_until timestamptz,
    PRIMARY KEY (teacher_id, unit_code)
  )`,
  `CREATE FUNCTION keep_teacher_unit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO teacher_unit (teacher_id, unit_code, kept_until)
      SELECT teacher_id, unit_code, nullif(max(until), 'infinity') FROM (
        SELECT p.teacher_id, p.unit_code, (
          SELECT coalesce(
            min(greatest(n.recorded_at, n.valid_from::timestamp AT TIME ZONE 'Asia/Shanghai')),
            'infinity')
          FROM teacher_post n
          WHERE n.teacher_id = p.teacher_id AND n.unit_code IS NOT NULL
            AND (n.valid_from, n.seq) > (p.valid_from, p.seq)) AS until
        FROM teacher_post p
        WHERE p.teacher_id IN (SELECT teacher_id FROM added) AND p.unit_code IS NOT NULL
      ) belonged
      GROUP BY teacher_id, unit_code
      ON CONFLICT (teacher_id, unit_code) DO UPDATE SET kept_until = excluded.kept_until
        WHERE teacher_unit.kept_until IS DISTINCT FROM excluded.kept_until;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER teacher_post_unit AFTER INSERT ON teacher_post
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION keep_teacher_unit()`,
];

/** Posts from before this migration. */
const fill = `INSERT INTO teacher_unit (teacher_id, unit_code, kept_until)
  SELECT teacher_id, unit_code, nullif(max(until), 'infinity') FROM (
    SELECT teacher_id, unit_code, coalesce(
      min(greatest(recorded_at, valid_from::timestamp AT TIME ZONE 'Asia/Shanghai')) OVER (
        PARTITION BY teacher_id ORDER BY valid_from, seq
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), 'infinity') AS until
    FROM teacher_post WHERE unit_code IS NOT NULL) belonged
  GROUP BY teacher_id, unit_code`;

const unit = (teacher: string, more = ''): string =>
  `EXISTS (SELECT FROM teacher_unit r WHERE r.teacher_id = ${teacher}${more})`;

/** A teacher of the subtree, or oneself. */
const teacherReached = (table: string, column = 'teacher_id'): string => unit(`${table}.${column}`);

/** As {@link teacherReached}; of a former unit's teacher what was recorded by then. */
export const recordReached = (table: string, at: string): string => {
  const teacher = `${table}.teacher_id`;
  return `(${unit(teacher)} AND (${unit(teacher, ' AND r.kept_until IS NULL')}
    OR ${unit(teacher, ` AND r.kept_until >= ${table}.${at}`)}))`;
};

const delivered = (table: string): string =>
  `(${scopeRole('INSTITUTION')} AND EXISTS (
    SELECT FROM project_copy p JOIN institution_copy i ON i.id = ANY (p.deliverer_ids)
    WHERE p.id = ${table}.project_id AND i.code = scope_institution()))`;

const ofCause = (table: string): string =>
  `EXISTS (SELECT FROM cause c
    WHERE c.teacher_id = ${table}.teacher_id AND c.id = ${table}.cause_id)`;

const fences = [
  ...fence(
    'teacher_unit',
    governs('teacher_unit.unit_code', OVERSEERS),
    isSelf('teacher_unit.teacher_id'),
  ),
  ...fence('teacher_copy', teacherReached('teacher_copy', 'id')),
  ...fence('teacher_post', recordReached('teacher_post', 'recorded_at')),
  ...fence('enrolment', teacherReached('enrolment'), delivered('enrolment')),
  ...fence('cause', recordReached('cause', 'recorded_at'), delivered('cause')),
  ...fence('cause_session', ofCause('cause_session')),
  ...fence('cause_date', ofCause('cause_date')),
  ...fence(
    'recognition_decision',
    recordReached('recognition_decision', 'decided_at'),
    `(${scopeRole('INSTITUTION')} AND ${ofCause('recognition_decision')})`,
  ),
  ...fence('hour_entry', recordReached('hour_entry', 'recorded_at')),
  ...fence('yearly_compliance', recordReached('yearly_compliance', 'changed_at')),
];

/** Whoever names a part of a partitioned table passes by the policies of the whole. */
const partFences = ['cause', 'cause_session', 'cause_date', 'recognition_decision', 'hour_entry']
  .flatMap((table) =>
    Array.from({ length: 16 }, (_, part) => `${table}_p${String(part).padStart(2, '0')}`),
  )
  .flatMap((part) => fence(part));

/** Who reaches which row, as a second fence behind the queries' own filters. */
export class RowSecurity1700000000011 implements MigrationInterface {
  name = 'RowSecurity1700000000011';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [
      ...scopeFunctions,
      scopePath,
      ...unitTable,
      fill,
      ...fences,
      ...partFences,
    ]) {
      await queryRunner.query(statement);
    }
  }

  async down(): Promise<void> {
    throw new Error('the fence is not taken down: correct its policies by a new migration');
  }
}
