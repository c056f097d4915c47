import { Column, Entity, PrimaryColumn } from 'typeorm';

export type Tier = 'PROVINCE' | 'CITY' | 'COUNTY' | 'SCHOOL';
export type Sector = 'BASIC' | 'VOCATIONAL' | 'HIGHER';
export type Stage =
  | 'KINDERGARTEN'
  | 'PRIMARY'
  | 'JUNIOR_SECONDARY'
  | 'SENIOR_SECONDARY'
  | 'SPECIAL'
  | 'SECONDARY_VOCATIONAL'
  | 'HIGHER';

/** A unit of the tree; `parentCode` and `path` are those of today. */
@Entity('org_unit')
export class OrgUnit {
  @PrimaryColumn({ type: 'text' })
  code: string;

  @Column({ type: 'uuid' })
  id: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text' })
  tier: Tier;

  @Column({ type: 'text', nullable: true })
  sector: Sector | null;

  @Column({ type: 'text', nullable: true })
  stage: Stage | null;

  @Column({ type: 'text', name: 'parent_code', nullable: true })
  parentCode: string | null;

  /** Codes from the root down, joined by dots. */
  @Column({ type: 'text' })
  path: string;

  @Column({ type: 'date', name: 'valid_from' })
  validFrom: string;
}

/** The parent that a unit has from a date on. */
@Entity('org_unit_parent')
export class OrgUnitParent {
  @PrimaryColumn({ type: 'text' })
  code: string;

  @PrimaryColumn({ type: 'date', name: 'valid_from' })
  validFrom: string;

  @Column({ type: 'text', name: 'parent_code' })
  parentCode: string;
}
