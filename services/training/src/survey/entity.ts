import { Column, Entity, PrimaryColumn } from 'typeorm';

export type SurveyStatus = 'OPEN' | 'CLOSED';

/** The needs survey (需求调研) of a project. */
@Entity({ name: 'needs_survey' })
export class NeedsSurvey {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'project_id', type: 'uuid' })
  projectId!: string;

  @Column({ type: 'text' })
  title!: string;

  @Column({ type: 'text', array: true })
  topics!: string[];

  @Column({ type: 'text' })
  status!: SurveyStatus;

  @Column({ name: 'unit_code', type: 'text' })
  unitCode!: string;

  @Column({ name: 'opened_at', type: 'timestamptz' })
  openedAt!: Date;

  @Column({ name: 'closed_at', type: 'timestamptz', nullable: true })
  closedAt!: Date | null;
}
