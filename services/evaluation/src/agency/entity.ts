import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { CriterionScore } from '../project/rules.js';

/** An agency's assessment of a project; one for each agency, replaced until closed. */
@Entity('agency_assessment')
export class AgencyAssessment {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'evaluation_id' })
  evaluationId: string;

  @Column('text', { name: 'agency_code' })
  agencyCode: string;

  @Column('jsonb')
  scores: CriterionScore[];

  @Column('integer')
  score: number;

  @Column('text')
  comment: string;

  @Column('timestamptz', { name: 'submitted_at' })
  submittedAt: Date;
}
