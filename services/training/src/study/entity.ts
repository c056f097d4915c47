import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A recorded study of training work (研究教师培训工作, STUDY-ANNUAL). */
@Entity({ name: 'study_record' })
export class StudyRecord {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'unit_code', type: 'text' })
  unitCode!: string;

  @Column({ type: 'integer' })
  year!: number;

  @Column({ type: 'date' })
  date!: string;

  @Column({ type: 'text' })
  topic!: string;

  @Column({ name: 'recorded_at', type: 'timestamptz' })
  recordedAt!: Date;
}
