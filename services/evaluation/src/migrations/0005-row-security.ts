import type { MigrationInterface, QueryRunner } from 'typeorm';
import { RESPONSIBLE, governs, scopePath } from '@yanxiu/registry/row-security';
import { SIGNED_IN, fence, scopeFunctions, scopeRole } from '@yanxiu/subgraph/row-security';

/** Codes of the agencies that have assessed: an agency keeps its evaluation when it has closed. */
const assessedBy = [
  "ALTER TABLE project_evaluation ADD COLUMN assessed_by text[] NOT NULL DEFAULT '{}'",
  `CREATE FUNCTION keep_assessed_by() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE project_evaluation SET assessed_by = array_append(assessed_by, NEW.agency_code)
      WHERE id = NEW.evaluation_id AND NEW.agency_code <> ALL (assessed_by);
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER agency_assessment_by AFTER INSERT ON agency_assessment
    FOR EACH ROW EXECUTE FUNCTION keep_assessed_by()`,
  `UPDATE project_evaluation e SET assessed_by = ARRAY(
    SELECT DISTINCT a.agency_code FROM agency_assessment a WHERE a.evaluation_id = e.id)`,
];

const AGENCY = '(SELECT coalesce(scope_institution(), scope_unit()))';
const OWN_INSTITUTION = '(SELECT i.id FROM institution i WHERE i.code = scope_institution())';

const ofEvaluation = (table: string): string =>
  `(${scopeRole(...RESPONSIBLE, 'INSTITUTION')} AND EXISTS (
    SELECT FROM project_evaluation e WHERE e.id = ${table}.evaluation_id))`;

const fences = [
  ...fence('institution', SIGNED_IN),
  ...fence(
    'project_evaluation',
    governs('project_evaluation.organiser_code'),
    `(${scopeRole('INSTITUTION')} AND project_evaluation.state = 'CLOSED'
      AND ${OWN_INSTITUTION} = ANY (project_evaluation.deliverer_ids))`,
    `(${scopeRole('EVALUATOR')} AND (project_evaluation.state = 'OPEN'
      OR ${AGENCY} = ANY (project_evaluation.assessed_by)))`,
    `(${scopeRole('TEACHER')} AND project_evaluation.state = 'CLOSED')`,
  ),
  ...fence(
    'agency_assessment',
    ofEvaluation('agency_assessment'),
    `(${scopeRole('EVALUATOR')} AND agency_assessment.agency_code = ${AGENCY})`,
  ),
  ...fence('supervision', ofEvaluation('supervision')),
  ...['institution_rating', 'pooled_result'].flatMap((table) =>
    fence(
      table,
      scopeRole(...RESPONSIBLE),
      `(${scopeRole('INSTITUTION')} AND ${table}.institution_id = ${OWN_INSTITUTION})`,
    ),
  ),
  // What could tie a response to its author, and the responses: no actor reaches a row (EVAL-ANON).
  ...[
    'eligible_participant',
    'anonymous_channel',
    'signed_token',
    'spent_token',
    'anonymous_response',
    'pooled_project',
  ].flatMap((table) => fence(table)),
];

/** Who reaches which row, as a second fence behind the queries' own filters. */
export class RowSecurity1700000000011 implements MigrationInterface {
  name = 'RowSecurity1700000000011';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...scopeFunctions, scopePath, ...assessedBy, ...fences]) {
      await queryRunner.query(statement);
    }
  }

  async down(): Promise<void> {
    throw new Error('the fence is not taken down: correct its policies by a new migration');
  }
}
