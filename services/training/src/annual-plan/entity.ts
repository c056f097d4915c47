import { Column, Entity, PrimaryColumn } from 'typeorm';

export type PlanStatus = 'DRAFT' | 'FILED' | 'ACCEPTED' | 'RETURNED';

/** One line of an annual plan. */
export interface PlanItem {
  title: string;
  sector: string | null;
  participants: number | null;
  budgetFen: number | null;
}

/** The annual plan (年度计划) of a unit: one for each unit and year. */
@Entity({ name: 'annual_plan' })
export class AnnualPlan {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'unit_code', type: 'text' })
  unitCode!: string;

  @Column({ type: 'integer' })
  year!: number;

  @Column({ type: 'text' })
  title!: string;

  @Column({ type: 'text' })
  summary!: string;

  @Column({ type: 'jsonb' })
  items!: PlanItem[];

  @Column({ type: 'text' })
  status!: PlanStatus;

  /** The unit above, with which it is filed (备案); the province's own for the province. */
  @Column({ name: 'superior_code', type: 'text' })
  superiorCode!: string;

  @Column({ name: 'return_reason', type: 'text', nullable: true })
  returnReason!: string | null;

  @Column({ name: 'drafted_at', type: 'timestamptz' })
  draftedAt!: Date;

  @Column({ name: 'filed_at', type: 'timestamptz', nullable: true })
  filedAt!: Date | null;

  @Column({ name: 'decided_at', type: 'timestamptz', nullable: true })
  decidedAt!: Date | null;
}
