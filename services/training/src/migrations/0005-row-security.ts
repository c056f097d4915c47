import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  OVERSEERS,
  RESPONSIBLE,
  above,
  governs,
  inSubtree,
  scopePath,
} from '@yanxiu/registry/row-security';
import { SIGNED_IN, fence, isSelf, scopeFunctions, scopeRole } from '@yanxiu/subgraph/row-security';

/** Whether a project was ever approved or accepted: from then on it is open to every teacher. */
const opened = [
  'ALTER TABLE training_project ADD COLUMN opened boolean NOT NULL DEFAULT false',
  `CREATE FUNCTION keep_project_opened() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE training_project SET opened = true WHERE id = NEW.project_id AND NOT opened;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER project_step_opened AFTER INSERT ON project_step FOR EACH ROW
    WHEN (NEW.status IN ('APPROVED', 'ACCEPTED')) EXECUTE FUNCTION keep_project_opened()`,
  `UPDATE training_project p SET opened = true WHERE EXISTS (
    SELECT FROM project_step s WHERE s.project_id = p.id AND s.status IN ('APPROVED', 'ACCEPTED'))`,
];

/*
 * Units that those nominated for a project belonged to when they were, and belong to since: what
 * a unit sees of its teacher it sees with class and project, wherever these were organised.
 */
const participantUnits = [
  `CREATE TABLE project_unit (
    project_id uuid NOT NULL REFERENCES training_project,
    unit_code text NOT NULL,
    PRIMARY KEY (project_id, unit_code)
  )`,
  'CREATE INDEX nomination_teacher ON nomination (teacher_id)',
  `CREATE FUNCTION keep_project_unit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO project_unit (project_id, unit_code)
      VALUES (NEW.project_id, NEW.unit_code) ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER nomination_unit AFTER INSERT ON nomination
    FOR EACH ROW EXECUTE FUNCTION keep_project_unit()`,
  `CREATE FUNCTION keep_participant_unit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO project_unit (project_id, unit_code)
      SELECT DISTINCT project_id, NEW.unit_code FROM nomination WHERE teacher_id = NEW.id
      ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER teacher_copy_unit AFTER UPDATE OF unit_code ON teacher_copy FOR EACH ROW
    WHEN (NEW.unit_code <> OLD.unit_code) EXECUTE FUNCTION keep_participant_unit()`,
  `INSERT INTO project_unit SELECT project_id, unit_code FROM nomination
    UNION SELECT n.project_id, t.unit_code
      FROM nomination n JOIN teacher_copy t ON t.id = n.teacher_id`,
];

const ofProject = (table: string): string =>
  `EXISTS (SELECT FROM training_project p WHERE p.id = ${table}.project_id)`;

const ofClass = (table: string): string =>
  `EXISTS (SELECT FROM training_class c WHERE c.id = ${table}.class_id)`;

const ofEnrolment = (table: string): string =>
  `EXISTS (SELECT FROM enrolment e WHERE e.id = ${table}.enrolment_id)`;

const OWN_INSTITUTION =
  '(SELECT i.id FROM training_institution i WHERE i.code = scope_institution())';

/** A participant's row: her own, by her unit then and now, by the organiser, by who delivers. */
const participant = (table: string): string[] => [
  isSelf(`${table}.teacher_id`),
  governs(`${table}.unit_code`),
  `(${scopeRole(...RESPONSIBLE)} AND (
    EXISTS (SELECT FROM teacher_copy t WHERE t.id = ${table}.teacher_id)
    OR EXISTS (SELECT FROM training_project p
      WHERE p.id = ${table}.project_id AND ${inSubtree('p.organiser_code')})))`,
  `(${scopeRole('INSTITUTION')} AND ${ofProject(table)})`,
];

const projectFences = [
  ...fence('project_unit', governs('project_unit.unit_code')),
  ...fence(
    'training_project',
    `(${scopeRole(...RESPONSIBLE, 'EVALUATOR')} AND
      (${inSubtree('training_project.organiser_code')}
        OR ${above('training_project.organiser_code')}))`,
    'EXISTS (SELECT FROM project_unit r WHERE r.project_id = training_project.id)',
    `(${scopeRole('TEACHER')} AND
      (training_project.opened OR ${above('training_project.organiser_code')}))`,
    `(${scopeRole('INSTITUTION')} AND ${OWN_INSTITUTION} = ANY (training_project.deliverer_ids))`,
  ),
  ...['project_step', 'training_scheme', 'needs_survey', 'training_class'].flatMap((table) =>
    fence(table, ofProject(table)),
  ),
  ...fence(
    'scheme_module',
    'EXISTS (SELECT FROM training_scheme s WHERE s.id = scheme_module.scheme_id)',
  ),
  // Counted only: nobody reads what one respondent answered.
  ...fence('needs_survey_answer'),
];

const planFences = [
  ...fence('annual_plan', governs('annual_plan.unit_code')),
  ...fence('study_record', governs('study_record.unit_code', OVERSEERS)),
];

const institutionFences = [
  ...['training_institution', 'accreditation', 'institution_suspension'].flatMap((table) =>
    fence(table, SIGNED_IN),
  ),
  ...fence(
    'institution_rating',
    scopeRole(...RESPONSIBLE),
    `institution_rating.institution_id = ${OWN_INSTITUTION}`,
  ),
];

const deliveryFences = [
  ...fence('teacher_copy', governs('teacher_copy.unit_code'), isSelf('teacher_copy.id')),
  ...['quota', 'session'].flatMap((table) => fence(table, ofClass(table))),
  ...['nomination', 'enrolment'].flatMap((table) => fence(table, ...participant(table))),
  ...['attendance', 'attendance_correction', 'participation'].flatMap((table) =>
    fence(table, ofEnrolment(table)),
  ),
];

/** Who reaches which row, as a second fence behind the queries' own filters. */
export class RowSecurity1700000000011 implements MigrationInterface {
  name = 'RowSecurity1700000000011';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [
      ...scopeFunctions,
      scopePath,
      ...opened,
      ...participantUnits,
      ...planFences,
      ...institutionFences,
      ...projectFences,
      ...deliveryFences,
    ]) {
      await queryRunner.query(statement);
    }
  }

  async down(): Promise<void> {
    throw new Error('the fence is not taken down: correct its policies by a new migration');
  }
}
