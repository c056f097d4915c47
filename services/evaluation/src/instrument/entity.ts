import { Column, Entity, PrimaryColumn } from 'typeorm';

export type InstrumentKind = 'ANONYMOUS' | 'AGENCY' | 'SUPERVISION';

/** One item of a questionnaire or criterion of a rubric. */
export interface InstrumentItem {
  key: string;
  dimension: string;
  zh: string;
  en: string;
  weight: number;
}

/** A questionnaire or rubric in one version; never edited. */
@Entity('instrument')
export class Instrument {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  kind: InstrumentKind;

  @Column('integer')
  version: number;

  @Column('text')
  title: string;

  @Column('jsonb')
  items: InstrumentItem[];

  @Column('timestamptz', { name: 'published_at' })
  publishedAt: Date;
}
