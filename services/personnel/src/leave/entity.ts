import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { LEAVE_REASONS } from '@yanxiu/registry/policy-keys';

/** Why a teacher is away for long (A3). */
export type LeaveReason = (typeof LEAVE_REASONS)[number];

/** A long leave; why is sealed, since it tells of health and family. */
@Entity('leave')
export class Leave {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'uuid', name: 'teacher_id' })
  teacherId: string;

  /** Null once what identifies her was erased. */
  @Column({ type: 'text', name: 'reason_sealed', nullable: true })
  reasonSealed: string | null;

  @Column({ type: 'date', name: 'from_on' })
  from: string;

  /** Last day; null while it is not known. */
  @Column({ type: 'date', name: 'to_on', nullable: true })
  to: string | null;

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt: Date;

  /** Since then it counts as never taken. */
  @Column({ type: 'timestamptz', name: 'withdrawn_at', nullable: true })
  withdrawnAt: Date | null;
}
