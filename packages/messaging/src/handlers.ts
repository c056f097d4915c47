import type { EntityManager } from 'typeorm';
import type { Contract } from '@yanxiu/contracts/contract';
import type { Envelope, EventOf } from '@yanxiu/contracts/envelope';
import type { Tx } from './transaction.js';

/**
 * What a consumer does with one type of event, inside the transaction that also notes it as taken.
 */
export interface EventHandler {
  readonly contract: Contract;
  handle(event: Envelope, tx: Tx): Promise<void>;
  /** As {@link handle} for several events in their order; given by {@link onAll}. */
  handleAll?(taken: readonly Taken[], manager: EntityManager): Promise<void>;
}

/** One of several events that are taken by one step. */
export interface Taken<E = Envelope> {
  readonly event: E;
  /** Its own time, ids and causation, in the one transaction of all of them. */
  readonly tx: Tx;
}

/** Binds a contract to its effect: `on(projectSubmitted, async (event, tx) => …)`. */
export function on<C extends Contract>(
  contract: C,
  handle: (event: EventOf<C>, tx: Tx) => Promise<void>,
): EventHandler {
  // Safe: the inbox calls it only with an envelope whose data passed this contract's schema.
  return { contract, handle: (event, tx) => handle(event as EventOf<C>, tx) };
}

/**
 * As {@link on} for an effect that takes many events by one statement; they are of different keys
 * or in the order of their key. What it does must not depend on how many it is given.
 */
export function onAll<C extends Contract>(
  contract: C,
  handleAll: (taken: readonly Taken<EventOf<C>>[], manager: EntityManager) => Promise<void>,
): EventHandler {
  return {
    contract,
    // Safe as in `on`.
    handle: (event, tx) => handleAll([{ event: event as EventOf<C>, tx }], tx.manager),
    handleAll: (taken, manager) => handleAll(taken as readonly Taken<EventOf<C>>[], manager),
  };
}

/**
 * Thrown by a handler whose event refers to something that has not arrived here yet (a
 * participation before its teacher). The event is held aside and tried again; its partition goes
 * on.
 */
export class NotYetKnown extends Error {
  constructor(what: string) {
    super(`not yet known here: ${what}`);
  }
}

const PASSING =
  /^(08|53|57P|57014|25P03|25006|40001|40P01|55P03|ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND)/;

interface Fault {
  code?: unknown;
  routine?: unknown;
}

/** What the driver said, also of an error that TypeORM wraps. */
const faultOf = (error: unknown): Fault => {
  const fault = (error ?? {}) as Fault & { driverError?: Fault };
  return fault.driverError?.code === undefined ? fault : fault.driverError;
};

/**
 * A statement that was kept prepared and whose tables a migration has changed since, or whose name
 * the server no longer knows. Prepared anew it runs.
 */
export function isStalePlan(error: unknown): boolean {
  const { code, routine } = faultOf(error);
  return code === '26000' || (code === '0A000' && routine === 'RevalidateCachedQuery');
}

/** Faults that pass by themselves: the transport delivers again. */
export function isTransient(error: unknown): boolean {
  const message = error instanceof Error ? error.message : '';
  return (
    PASSING.test(String(faultOf(error).code ?? '')) ||
    isStalePlan(error) ||
    /Connection terminated|timeout exceeded when trying to connect|not queryable/.test(message)
  );
}
