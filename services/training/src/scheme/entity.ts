import { Column, Entity, PrimaryColumn } from 'typeorm';

export type SchemeStatus = 'SUBMITTED' | 'APPROVED' | 'RETURNED' | 'SUPERSEDED';
export type ModuleType =
  'ETHICS' | 'SUBJECT' | 'PEDAGOGY' | 'LEADERSHIP' | 'TECHNOLOGY' | 'RESEARCH' | 'GENERAL';
export type DeliveryMethod =
  | 'LECTURE'
  | 'CASE_TEACHING'
  | 'FORUM'
  | 'PROJECT_RESEARCH'
  | 'PLACEMENT'
  | 'SHADOWING'
  | 'OBSERVATION';

/** One version of a project's training scheme (培训方案). */
@Entity({ name: 'training_scheme' })
export class TrainingScheme {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'project_id', type: 'uuid' })
  projectId!: string;

  @Column({ type: 'integer' })
  version!: number;

  @Column({ type: 'text' })
  status!: SchemeStatus;

  @Column({ name: 'total_centihours', type: 'integer' })
  totalCentihours!: number;

  @Column({ name: 'practice_centihours', type: 'integer' })
  practiceCentihours!: number;

  /** The share of practice lay under the policy's line on the day of submission. */
  @Column({ name: 'practice_warning', type: 'boolean' })
  practiceWarning!: boolean;

  /** Null when the organiser submitted it. */
  @Column({ name: 'institution_id', type: 'uuid', nullable: true })
  institutionId!: string | null;

  @Column({ name: 'return_reason', type: 'text', nullable: true })
  returnReason!: string | null;

  @Column({ name: 'submitted_at', type: 'timestamptz' })
  submittedAt!: Date;

  @Column({ name: 'decided_at', type: 'timestamptz', nullable: true })
  decidedAt!: Date | null;
}

/** A module of a scheme, in its place. */
@Entity({ name: 'scheme_module' })
export class SchemeModule {
  @PrimaryColumn({ name: 'scheme_id', type: 'uuid' })
  schemeId!: string;

  @PrimaryColumn({ type: 'integer' })
  ordinal!: number;

  @Column({ type: 'text' })
  title!: string;

  @Column({ type: 'text' })
  type!: ModuleType;

  @Column({ type: 'boolean' })
  required!: boolean;

  @Column({ type: 'integer' })
  centihours!: number;

  @Column({ type: 'boolean' })
  practice!: boolean;

  @Column({ name: 'delivery_method', type: 'text' })
  deliveryMethod!: DeliveryMethod;

  @Column({ type: 'text', array: true })
  topics!: string[];
}
