import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Modality } from '../class/rules.js';

/** One sitting of a class. */
@Entity('session')
export class Session {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'class_id' }) classId: string;
  /** Ordinal of the scheme's module that it teaches. */
  @Column('integer', { name: 'module_ordinal', nullable: true }) moduleOrdinal: number | null;
  @Column('text') title: string;
  @Column('timestamptz', { name: 'starts_at' }) startsAt: Date;
  @Column('timestamptz', { name: 'ends_at' }) endsAt: Date;
  @Column('integer', { name: 'planned_minutes' }) plannedMinutes: number;
  @Column('text') modality: Modality;
  /** When attendance was last recorded. */
  @Column('timestamptz', { name: 'recorded_at', nullable: true }) recordedAt: Date | null;
}

/** Minutes that one participant attended (考勤). */
@Entity('attendance')
export class Attendance {
  @PrimaryColumn('uuid', { name: 'session_id' }) sessionId: string;
  @PrimaryColumn('uuid', { name: 'enrolment_id' }) enrolmentId: string;
  @Column('integer', { name: 'attended_minutes' }) attendedMinutes: number;
  @Column('timestamptz', { name: 'recorded_at' }) recordedAt: Date;
  @Column('text', { name: 'recorded_by' }) recordedBy: string;
}
