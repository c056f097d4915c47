import type { Role } from '@yanxiu/subgraph/actor';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A role that an account holds for a unit, from its first to its last day. */
@Entity('role_assignment')
export class RoleAssignment {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  /** The account, as the identity provider's `sub` names it. */
  @Column({ type: 'text' })
  subject: string;

  @Column({ type: 'text' })
  role: Role;

  @Column({ type: 'text', name: 'unit_code' })
  unitCode: string;

  /** Code of the institution of INSTITUTION, of the agency of EVALUATOR. */
  @Column({ type: 'text', nullable: true })
  institution: string | null;

  @Column({ type: 'uuid', name: 'teacher_id', nullable: true })
  teacherId: string | null;

  @Column({ type: 'date', name: 'valid_from' })
  validFrom: string;

  /** Last day; null: until it is ended. */
  @Column({ type: 'date', name: 'valid_to', nullable: true })
  validTo: string | null;

  @Column({ type: 'timestamptz', name: 'assigned_at' })
  assignedAt: Date;

  @Column({ type: 'timestamptz', name: 'ended_at', nullable: true })
  endedAt: Date | null;
}
