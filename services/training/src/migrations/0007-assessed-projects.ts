import type { MigrationInterface, QueryRunner } from 'typeorm';
import { RESPONSIBLE, above, inSubtree } from '@yanxiu/registry/row-security';
import { scopeRole } from '@yanxiu/subgraph/row-security';

/** As 0006 has it, but an evaluator reaches a project from when its evaluation opens. */
const reach = [
  `(${scopeRole(...RESPONSIBLE)} AND
    (${inSubtree('training_project.organiser_code')}
      OR ${above('training_project.organiser_code')}))`,
  'EXISTS (SELECT FROM project_unit r WHERE r.project_id = training_project.id)',
  `(${scopeRole('TEACHER')} AND
    (training_project.opened OR ${above('training_project.organiser_code')}))`,
  `(${scopeRole('EVALUATOR')} AND training_project.level <> 'SCHOOL'
    AND training_project.status IN ('RECOGNISED', 'EVALUATED', 'CLOSED'))`,
  `(${scopeRole('INSTITUTION')} AND
    (SELECT i.id FROM training_institution i WHERE i.code = scope_institution())
      = ANY (training_project.deliverer_ids))`,
];

/** An agency scores projects: one not yet to be scored is none of its business (domain.md §1). */
export class AssessedProjects1700000000013 implements MigrationInterface {
  name = 'AssessedProjects1700000000013';

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
