import { Column, Entity, PrimaryColumn } from 'typeorm';

export type RatingGrade = 'A' | 'B' | 'C' | 'D';

/** The rating of an institution after one of its projects was closed; never edited. */
@Entity('institution_rating')
export class InstitutionRating {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'institution_id' })
  institutionId: string;

  /** 1, 2, 3 … for each institution. */
  @Column('integer')
  number: number;

  @Column('text')
  grade: RatingGrade;

  @Column('integer')
  score: number;

  @Column('integer')
  projects: number;

  /** Kendall's W of the three channels over the projects, in hundredths. */
  @Column('integer', { nullable: true })
  agreement: number | null;

  @Column('uuid', { name: 'project_id' })
  projectId: string;

  @Column('text', { name: 'use_as' })
  useAs: string;

  @Column('timestamptz', { name: 'rated_at' })
  ratedAt: Date;
}
