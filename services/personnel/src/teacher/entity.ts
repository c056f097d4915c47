import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Stage } from '../org-unit/entity.js';

export type Ladder = 'NEW' | 'YOUNG' | 'BACKBONE' | 'MASTER';

export const TEACHER_ROLES = [
  'CLASSROOM_TEACHER',
  'PRINCIPAL',
  'PARTY_SECRETARY',
  'TEACHING_RESEARCHER',
  'GRADUATE_SUPERVISOR',
  'THREE_TEAMS',
] as const;

export type TeacherRole = (typeof TEACHER_ROLES)[number];

/** A person's working record; `…Sealed` columns are read through `personal.ts` only. */
@Entity('teacher')
export class Teacher {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'bigint', name: 'staff_number', insert: false, update: false })
  staffNumber: string;

  @Column({ type: 'text', name: 'name_sealed', nullable: true })
  nameSealed: string | null;

  @Column({ type: 'text', name: 'id_number_sealed', nullable: true })
  idNumberSealed: string | null;

  @Column({ type: 'text', name: 'phone_sealed', nullable: true })
  phoneSealed: string | null;

  @Column({ type: 'text', name: 'birth_date_sealed', nullable: true })
  birthDateSealed: string | null;

  @Column({ type: 'text' })
  stage: Stage;

  @Column({ type: 'text', nullable: true })
  subject: string | null;

  @Column({ type: 'text' })
  ladder: Ladder;

  @Column({ type: 'text', array: true })
  roles: TeacherRole[];

  @Column({ type: 'text', nullable: true })
  title: string | null;

  @Column({ type: 'date', name: 'hired_on' })
  hiredOn: string;

  @Column({ type: 'date', name: 'retired_on', nullable: true })
  retiredOn: string | null;

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt: Date;

  /** Since then nothing identifies her: every sealed column is null. */
  @Column({ type: 'timestamptz', name: 'erased_at', nullable: true })
  erasedAt: Date | null;
}

/** What a teacher is from a date on. */
@Entity('classification')
export class Classification {
  @PrimaryColumn({ type: 'uuid', name: 'teacher_id' })
  teacherId: string;

  @PrimaryColumn({ type: 'date', name: 'from_on' })
  from: string;

  @Column({ type: 'text' })
  stage: Stage;

  @Column({ type: 'text', nullable: true })
  subject: string | null;

  @Column({ type: 'text' })
  ladder: Ladder;

  @Column({ type: 'text', array: true })
  roles: TeacherRole[];

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt: Date;
}

/** One unit from a day to a day; at most one post of a teacher is open. */
@Entity('post')
export class Post {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'uuid', name: 'teacher_id' })
  teacherId: string;

  @Column({ type: 'text', name: 'unit_code' })
  unitCode: string;

  @Column({ type: 'date', name: 'from_on' })
  from: string;

  @Column({ type: 'date', name: 'to_on', nullable: true })
  to: string | null;

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt: Date;
}
