import type { MigrationInterface, QueryRunner } from 'typeorm';
import { RESPONSIBLE, above, inSubtree } from '@yanxiu/registry/row-security';
import { scopeRole } from '@yanxiu/subgraph/row-security';

/** As 0005 has it, but an evaluator reaches what is open to teachers, of no unit's more. */
const reach = [
  `(${scopeRole(...RESPONSIBLE)} AND
    (${inSubtree('training_project.organiser_code')}
      OR ${above('training_project.organiser_code')}))`,
  'EXISTS (SELECT FROM project_unit r WHERE r.project_id = training_project.id)',
  `(${scopeRole('TEACHER')} AND
    (training_project.opened OR ${above('training_project.organiser_code')}))`,
  `(${scopeRole('EVALUATOR')} AND training_project.opened)`,
  `(${scopeRole('INSTITUTION')} AND
    (SELECT i.id FROM training_institution i WHERE i.code = scope_institution())
      = ANY (training_project.deliverer_ids))`,
];

/** Evaluators belong to an agency: the unit that has named them gives them no project. */
export class Evaluators1700000000012 implements MigrationInterface {
  name = 'Evaluators1700000000012';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER POLICY scope_reach ON training_project
        USING (planned_role() <> 'SYSTEM' AND (${reach.join(' OR ')}))`,
    );
  }

  async down(): Promise<void> {
    throw new Error('the fence is not taken down: correct its policies by a new migration');
  }
}
