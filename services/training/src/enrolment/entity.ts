import { Column, Entity, PrimaryColumn } from 'typeorm';

export type EnrolmentStatus = 'CONFIRMED' | 'COMPLETED' | 'CREDITED' | 'REFUSED' | 'WITHDRAWN';

/** A teacher's place in a class (学员). */
@Entity('enrolment')
export class Enrolment {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'nomination_id' }) nominationId: string;
  @Column('uuid', { name: 'project_id' }) projectId: string;
  @Column('uuid', { name: 'class_id' }) classId: string;
  @Column('uuid', { name: 'teacher_id' }) teacherId: string;
  /** The participant's unit on the day of nomination. */
  @Column('text', { name: 'unit_code' }) unitCode: string;
  @Column('text') status: EnrolmentStatus;
  @Column('timestamptz', { name: 'confirmed_at' }) confirmedAt: Date;
  @Column('timestamptz', { name: 'withdrawn_at', nullable: true }) withdrawnAt: Date | null;
  @Column('text', { name: 'withdrawal_reason', nullable: true }) withdrawalReason: string | null;
  /** The decision of hours that stands. */
  @Column('uuid', { name: 'decision_id', nullable: true }) decisionId: string | null;
  @Column('timestamptz', { name: 'decided_at', nullable: true }) decidedAt: Date | null;
  @Column('integer', { name: 'credited_centihours' }) creditedCentihours: number;
  @Column('text', { name: 'refusal_rule', nullable: true }) refusalRule: string | null;
}
