import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What training knows of a teacher: a local copy kept by personnel's events, no personal data. */
@Entity('teacher_copy')
export class TeacherCopy {
  @PrimaryColumn('uuid') id: string;
  @Column('text', { name: 'unit_code' }) unitCode: string;
  @Column('text') sector: string;
  @Column('text') stage: string;
  @Column('text', { nullable: true }) subject: string | null;
  @Column('text') ladder: string;
  @Column('text', { array: true }) roles: string[];
  @Column('date', { name: 'hired_on' }) hiredOn: string;
  /** Last day of service. */
  @Column('date', { name: 'retired_on', nullable: true }) retiredOn: string | null;
}
