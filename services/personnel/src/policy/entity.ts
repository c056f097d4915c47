import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A document that parameters rest on. */
@Entity('instrument')
export class PolicyInstrument {
  /** Document number, e.g. 晋教师〔2023〕4号. */
  @PrimaryColumn({ type: 'text' })
  citation: string;

  @Column({ type: 'text' })
  title: string;

  @Column({ type: 'text' })
  issuer: string;

  @Column({ type: 'date', name: 'issued_on' })
  issuedOn: string;
}

/** One version of one parameter; never edited. */
@Entity('policy')
export class Policy {
  @PrimaryColumn({ type: 'text' })
  key: string;

  @PrimaryColumn({ type: 'integer' })
  version: number;

  @Column({ type: 'jsonb' })
  value: unknown;

  @Column({ type: 'text' })
  unit: string;

  @Column({ type: 'date', name: 'valid_from' })
  validFrom: string;

  @Column({ type: 'date', name: 'valid_to', nullable: true })
  validTo: string | null;

  @Column({ type: 'text', name: 'scope_code', nullable: true })
  scopeCode: string | null;

  @Column({ type: 'text', array: true })
  rules: string[];

  @Column({ type: 'text' })
  instrument: string;

  @Column({ type: 'text' })
  article: string;

  @Column({ type: 'text' })
  quotation: string;

  @Column({ type: 'timestamptz', name: 'published_at' })
  publishedAt: Date;
}
