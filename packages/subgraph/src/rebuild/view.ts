import type { EntityManager } from 'typeorm';
import type { EventHandler } from '@yanxiu/messaging/handlers';

/**
 * Tables that events alone build, so that they can be thrown away and built again from the log.
 * Its handlers emit nothing and store no time but that of their event. Ledgers are no views.
 */
export interface View {
  name: string;
  /** Tables that its handlers write; each has a primary key. */
  tables: readonly string[];
  /** Tables that its handlers only look into; they are taken as they are. */
  reads?: readonly string[];
  handlers: readonly EventHandler[];
}

/**
 * Tables that follow from the service's own records and copies, not from the log: made anew from
 * those, compared and mended in the same way.
 */
export interface DerivedView {
  name: string;
  /** Tables that are compared; each has a primary key. */
  tables: readonly string[];
  /** Tables that `derive` writes as well and that are no part of the answer. */
  scratch?: readonly string[];
  /** Tables of `tables` whose writers wait also while they are only compared. */
  still?: readonly string[];
  /** Of a column only what this makes of its name is compared, e.g. whether it is null. */
  comparedBy?: Readonly<Record<string, Readonly<Record<string, (column: string) => string>>>>;
  /** Brings the tables in use to where they can be compared; a check takes it back. */
  settle?(manager: EntityManager): Promise<void>;
  /**
   * Fills the tables from what is recorded; returns how many records' owners it went through.
   * `tables` and `scratch` mean the new ones, every other table is the service's own.
   */
  derive(
    manager: EntityManager,
    onProgress: (done: number, total: number) => void,
  ): Promise<number>;
}
