import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What one person attended of a finished class, as told to hours. */
@Entity('participation')
export class Participation {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'enrolment_id' }) enrolmentId: string;
  @Column('uuid', { name: 'class_id' }) classId: string;
  /** The unit that registers the hours (登记). */
  @Column('text', { name: 'registrar_code' }) registrarCode: string;
  @Column('integer', { name: 'planned_minutes' }) plannedMinutes: number;
  @Column('integer', { name: 'attended_minutes' }) attendedMinutes: number;
  @Column('timestamptz', { name: 'completed_at' }) completedAt: Date;
}
