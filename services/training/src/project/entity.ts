import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ProjectData } from '@yanxiu/contracts/training';
import { integer } from '../columns.js';

export type ProjectLevel = ProjectData['level'];
export type ProjectSector = ProjectData['sector'];

/** Lifecycle of a project (domain.md §3); ACCEPTED belongs to level SCHOOL alone. */
export const PROJECT_STATUSES = [
  'DRAFT',
  'SUBMITTED',
  'REJECTED',
  'APPROVED',
  'FILED',
  'ACCEPTED',
  'SCHEME_APPROVED',
  'ENROLLING',
  'RUNNING',
  'RECOGNISED',
  'EVALUATED',
  'CLOSED',
  'SUSPENDED',
  'CANCELLED',
] as const;
export type ProjectStatus = (typeof PROJECT_STATUSES)[number];

/** What funding has said of the latest submission. */
export type FundsState = 'NONE' | 'ASKED' | 'RESERVED' | 'REFUSED' | 'COMMITTED' | 'RELEASED';

/** A training project (培训项目). */
@Entity({ name: 'training_project' })
export class TrainingProject {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'text', nullable: true })
  code!: string | null;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  level!: ProjectLevel;

  @Column({ type: 'text' })
  sector!: ProjectSector;

  @Column({ type: 'text' })
  category!: string;

  @Column({ type: 'integer' })
  year!: number;

  @Column({ name: 'organiser_code', type: 'text' })
  organiserCode!: string;

  /** The unit that approves (立项审定), or accepts the filing of a school's project. */
  @Column({ name: 'authority_code', type: 'text' })
  authorityCode!: string;

  @Column({ name: 'deliverer_ids', type: 'uuid', array: true })
  delivererIds!: string[];

  /** Empty lists mean: any. */
  @Column({ name: 'target_stages', type: 'text', array: true })
  targetStages!: string[];

  @Column({ name: 'target_subjects', type: 'text', array: true })
  targetSubjects!: string[];

  @Column({ name: 'target_ladders', type: 'text', array: true })
  targetLadders!: string[];

  @Column({ name: 'target_roles', type: 'text', array: true })
  targetRoles!: string[];

  @Column({ type: 'text', array: true })
  modes!: string[];

  @Column({ name: 'budget_fen', type: 'bigint', transformer: integer })
  budgetFen!: number;

  @Column({ name: 'funds_state', type: 'text' })
  fundsState!: FundsState;

  /** Names the latest submission; an answer to another one is late and changes nothing. */
  @Column({ name: 'funds_request_id', type: 'uuid', nullable: true })
  fundsRequestId!: string | null;

  @Column({ name: 'funds_rule', type: 'text', nullable: true })
  fundsRule!: string | null;

  @Column({ name: 'funds_reason', type: 'jsonb', nullable: true })
  fundsReason!: { zh: string; en: string } | null;

  @Column({ type: 'text' })
  status!: ProjectStatus;

  /** Where a suspended project goes back to. */
  @Column({ name: 'previous_status', type: 'text', nullable: true })
  previousStatus!: ProjectStatus | null;

  /** Why it was rejected, suspended or cancelled. */
  @Column({ name: 'status_reason', type: 'text', nullable: true })
  statusReason!: string | null;

  @Column({ name: 'status_since', type: 'timestamptz' })
  statusSince!: Date;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}

/** One step that the project has taken: the status reached, when, and the unit that took it. */
@Entity({ name: 'project_step' })
export class ProjectStep {
  @PrimaryColumn({ type: 'bigint', transformer: integer })
  seq!: number;

  @Column({ name: 'project_id', type: 'uuid' })
  projectId!: string;

  @Column({ type: 'text' })
  status!: ProjectStatus;

  @Column({ type: 'timestamptz' })
  at!: Date;

  /** Null when an event of another service moved it. */
  @Column({ name: 'actor_unit_code', type: 'text', nullable: true })
  actorUnitCode!: string | null;
}
