import { Column, Entity, PrimaryColumn } from 'typeorm';

export type NominationStatus = 'NOMINATED' | 'CONFIRMED' | 'WITHDRAWN';

/** A teacher put forward for a class (选派). */
@Entity('nomination')
export class Nomination {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'project_id' }) projectId: string;
  @Column('uuid', { name: 'class_id' }) classId: string;
  @Column('uuid', { name: 'teacher_id' }) teacherId: string;
  /** The teacher's unit on the day of nomination. */
  @Column('text', { name: 'unit_code' }) unitCode: string;
  /** The unit whose quota the seat was taken from. */
  @Column('text', { name: 'quota_unit_code' }) quotaUnitCode: string;
  /** The unit that nominated. */
  @Column('text', { name: 'nominated_by' }) nominatedBy: string;
  @Column('text') status: NominationStatus;
  @Column('timestamptz', { name: 'nominated_at' }) nominatedAt: Date;
  @Column('timestamptz', { name: 'withdrawn_at', nullable: true }) withdrawnAt: Date | null;
}
