import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Modality } from './rules.js';

/** One run of a project (班次). */
@Entity('training_class')
export class TrainingClass {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'project_id' }) projectId: string;
  @Column('text') name: string;
  /** 1, 2, 3 … within the project. */
  @Column('integer') number: number;
  @Column('date', { name: 'starts_on' }) startsOn: string;
  @Column('date', { name: 'ends_on' }) endsOn: string;
  @Column('integer') capacity: number;
  @Column('text') place: string;
  @Column('text') modality: Modality;
  @Column('text') status: 'OPEN' | 'COMPLETED';
  @Column('timestamptz', { name: 'opened_at' }) openedAt: Date;
  @Column('timestamptz', { name: 'completed_at', nullable: true }) completedAt: Date | null;
}
