import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ChannelResults } from './rules.js';

export type EvaluationState = 'WAITING' | 'OPEN' | 'CLOSED';
export type EvaluationOutcome = 'COMPOSITE' | 'INSUFFICIENT';

/** The file of one project's evaluation. Scores are integer hundredths of 0–100. */
@Entity('project_evaluation')
export class ProjectEvaluation {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'project_id' })
  projectId: string;

  @Column('text', { name: 'project_name' })
  projectName: string;

  @Column('text')
  level: string;

  @Column('integer')
  year: number;

  @Column('text', { name: 'organiser_code' })
  organiserCode: string;

  @Column('uuid', { name: 'deliverer_ids', array: true })
  delivererIds: string[];

  @Column('text')
  state: EvaluationState;

  /** Null until closed, and for ever when the project was cancelled. */
  @Column('text', { nullable: true })
  outcome: EvaluationOutcome | null;

  @Column('uuid', { name: 'anonymous_instrument_id', nullable: true })
  anonymousInstrumentId: string | null;

  @Column('uuid', { name: 'agency_instrument_id', nullable: true })
  agencyInstrumentId: string | null;

  @Column('uuid', { name: 'supervision_instrument_id', nullable: true })
  supervisionInstrumentId: string | null;

  @Column('timestamptz', { name: 'opened_at', nullable: true })
  openedAt: Date | null;

  @Column('date', { nullable: true })
  deadline: string | null;

  @Column('timestamptz', { name: 'closed_at', nullable: true })
  closedAt: Date | null;

  @Column('integer', { nullable: true })
  composite: number | null;

  @Column('integer', { name: 'agency_score', nullable: true })
  agencyScore: number | null;

  @Column('integer', { name: 'anonymous_score', nullable: true })
  anonymousScore: number | null;

  @Column('integer', { name: 'supervision_score', nullable: true })
  supervisionScore: number | null;

  /** The channels' results as they were when the evaluation was closed. */
  @Column('jsonb', { nullable: true })
  channels: ChannelResults | null;
}
