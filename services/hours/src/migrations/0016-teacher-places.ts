import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OVERSEERS, withinScope } from '@yanxiu/registry/row-security';
import { isSelf, refence, scopeRole } from '@yanxiu/subgraph/row-security';

/*
 * The place of each unit that a teacher has belonged to, beside it: what reach is asked of is then
 * one row, found by the teacher's id. The database keeps it: units are told of after teachers too,
 * and move.
 */
const places = [
  'ALTER TABLE teacher_unit ADD COLUMN path text',
  'UPDATE teacher_unit r SET path = u.path FROM org_unit u WHERE u.code = r.unit_code',
  'CREATE INDEX teacher_unit_code ON teacher_unit (unit_code)',
  // Where a list of a county's or a school's teachers begins to look.
  'CREATE INDEX teacher_unit_path ON teacher_unit (path)',
  `CREATE FUNCTION place_teacher_unit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.path := (SELECT path FROM org_unit WHERE code = NEW.unit_code);
      RETURN NEW;
    END $$`,
  `CREATE TRIGGER teacher_unit_placed BEFORE INSERT ON teacher_unit
    FOR EACH ROW EXECUTE FUNCTION place_teacher_unit()`,
  `CREATE FUNCTION move_teacher_units() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE teacher_unit r SET path = n.path FROM placed n
      WHERE r.unit_code = n.code AND r.path IS DISTINCT FROM n.path;
      RETURN NULL;
    END $$`,
  ...['INSERT', 'UPDATE'].map(
    (event) => `CREATE TRIGGER org_unit_places_${event.toLowerCase()} AFTER ${event} ON org_unit
      REFERENCING NEW TABLE AS placed FOR EACH STATEMENT EXECUTE FUNCTION move_teacher_units()`,
  ),
];

/*
 * OFFSET 0: reach is looked up for the row at hand. Without it PostgreSQL thinks of hashing the
 * units of all teachers once, and where it misjudges how many rows it will meet, does so for one.
 */
const belongs = (teacher: string, more = ''): string =>
  `EXISTS (SELECT FROM teacher_unit r WHERE r.teacher_id = ${teacher}${more} OFFSET 0)`;

const recordReached = (table: string, at: string): string =>
  [' AND r.kept_until IS NULL', ` AND r.kept_until >= ${table}.${at}`]
    .map((more) => belongs(`${table}.teacher_id`, more))
    .join(' OR ');

const delivered = (table: string): string =>
  `(${scopeRole('INSTITUTION')} AND EXISTS (
    SELECT FROM project_copy p JOIN institution_copy i ON i.id = ANY (p.deliverer_ids)
    WHERE p.id = ${table}.project_id AND i.code = scope_institution()))`;

const madeOfCause = `(${scopeRole('INSTITUTION')} AND EXISTS (SELECT FROM cause c
    WHERE c.teacher_id = recognition_decision.teacher_id AND c.id = recognition_decision.cause_id))`;

const madeByInstitution = `(${scopeRole('INSTITUTION')}
    AND claim.institution_code = scope_institution())`;

const fences = [
  refence(
    'teacher_unit',
    `(${scopeRole(...OVERSEERS)} AND ${withinScope('teacher_unit.path')})`,
    isSelf('teacher_unit.teacher_id'),
  ),
  refence('teacher_copy', belongs('teacher_copy.id')),
  refence('teacher_post', recordReached('teacher_post', 'recorded_at')),
  refence('teacher_leave', recordReached('teacher_leave', 'recorded_at')),
  refence('teacher_classification', belongs('teacher_classification.teacher_id')),
  refence('supervisor_copy', belongs('supervisor_copy.teacher_id')),
  refence('enrolment', belongs('enrolment.teacher_id'), delivered('enrolment')),
  refence('cause', recordReached('cause', 'recorded_at'), delivered('cause')),
  refence('recognition_decision', recordReached('recognition_decision', 'decided_at'), madeOfCause),
  refence('hour_entry', recordReached('hour_entry', 'recorded_at')),
  refence('yearly_compliance', recordReached('yearly_compliance', 'changed_at')),
  refence('cycle_compliance', belongs('cycle_compliance.teacher_id', ' AND r.kept_until IS NULL')),
  refence('claim', belongs('claim.teacher_id'), madeByInstitution),
];

/** A teacher's reach is found by one row of hers, without the tree. */
export class TeacherPlaces1700000000042 implements MigrationInterface {
  name = 'TeacherPlaces1700000000042';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...places, ...fences]) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('the fence is not taken down: correct its policies by a new migration');
  }
}
