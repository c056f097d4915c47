import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { CriterionScore } from '../project/rules.js';

/** An inspection by the department in charge; one a department and day, replaced until closed. */
@Entity('supervision')
export class Supervision {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'evaluation_id' })
  evaluationId: string;

  @Column('text', { name: 'unit_code' })
  unitCode: string;

  @Column('jsonb')
  scores: CriterionScore[];

  @Column('integer')
  score: number;

  @Column('text')
  findings: string;

  @Column('date', { name: 'visited_on' })
  visitedOn: string;

  @Column('timestamptz', { name: 'submitted_at' })
  submittedAt: Date;
}
