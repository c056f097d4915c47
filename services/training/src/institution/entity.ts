import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { InstitutionRated } from '@yanxiu/contracts/evaluation';
import type { InstitutionRegistered } from '@yanxiu/contracts/training';

/** A training institution (承训机构). */
@Entity({ name: 'training_institution' })
export class TrainingInstitution {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'text' })
  code!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  kind!: InstitutionRegistered['kind'];

  /** The unit that registered it. */
  @Column({ name: 'unit_code', type: 'text' })
  unitCode!: string;

  @Column({ name: 'registered_at', type: 'timestamptz' })
  registeredAt!: Date;
}

/** Accreditation (资质) for sectors and categories, both days inclusive. */
@Entity({ name: 'accreditation' })
export class Accreditation {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'institution_id', type: 'uuid' })
  institutionId!: string;

  @Column({ type: 'text', array: true })
  sectors!: string[];

  @Column({ type: 'text', array: true })
  categories!: string[];

  @Column({ name: 'valid_from', type: 'date' })
  validFrom!: string;

  @Column({ name: 'valid_to', type: 'date' })
  validTo!: string;

  @Column({ name: 'by_unit_code', type: 'text' })
  byUnitCode!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;
}

/** A suspension binds the projects organised by the suspending unit and by the units below it. */
@Entity({ name: 'institution_suspension' })
export class InstitutionSuspension {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'institution_id', type: 'uuid' })
  institutionId!: string;

  @Column({ name: 'by_unit_code', type: 'text' })
  byUnitCode!: string;

  @Column({ type: 'text' })
  reason!: string;

  /** The rating cited as evidence (EVAL-USED). */
  @Column({ name: 'cited_rating_id', type: 'uuid', nullable: true })
  citedRatingId!: string | null;

  @Column({ name: 'from_date', type: 'date' })
  from!: string;

  /** First day on which it no longer binds. */
  @Column({ name: 'reinstated_on', type: 'date', nullable: true })
  reinstatedOn!: string | null;

  @Column({ name: 'reinstated_reason', type: 'text', nullable: true })
  reinstatedReason!: string | null;
}

/** Local copy of what evaluation published. */
@Entity({ name: 'institution_rating' })
export class InstitutionRating {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'institution_id', type: 'uuid' })
  institutionId!: string;

  @Column({ type: 'text' })
  grade!: InstitutionRated['grade'];

  /** 0–100 in integer hundredths. */
  @Column({ type: 'integer' })
  score!: number;

  @Column({ type: 'integer' })
  projects!: number;

  @Column({ type: 'timestamptz' })
  at!: Date;
}
