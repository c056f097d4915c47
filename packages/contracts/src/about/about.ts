import type { Contract, DataOf } from '../contract.js';

/** What the published catalogue says of an event type beside its shape. */
export interface About<C extends Contract = Contract> {
  /** One sentence: when it is told. */
  readonly en: string;
  readonly zh: string;
  /** The requirements of the guideline that it serves, e.g. `R105`. */
  readonly serves: readonly `R${number}`[];
  readonly example: DataOf<C>;
}

/** An `About` for each contract that a module exports: one that is forgotten does not compile. */
export type AboutAll<M> = {
  readonly [K in keyof M as M[K] extends Contract ? K : never]: About<Extract<M[K], Contract>>;
};
