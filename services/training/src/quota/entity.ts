import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Seats of a class that a unit may fill or split among the units below it (名额). */
@Entity('quota')
export class Quota {
  @PrimaryColumn('uuid', { name: 'class_id' }) classId: string;
  @PrimaryColumn('text', { name: 'unit_code' }) unitCode: string;
  @Column('uuid') id: string;
  /** The unit whose quota was split; null when it comes from the class's capacity. */
  @Column('text', { name: 'source_code', nullable: true }) sourceCode: string | null;
  @Column('integer') seats: number;
  /** Seats split to units below. */
  @Column('integer') given: number;
  /** Seats taken by nominations. */
  @Column('integer') used: number;
  @Column('timestamptz', { name: 'allocated_at' }) allocatedAt: Date;
}
