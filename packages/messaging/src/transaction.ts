import type { EntityManager } from 'typeorm';
import { assertData, type Envelope } from '@yanxiu/contracts/envelope';
import { snapshotTypeOf, type Contract, type DataOf } from '@yanxiu/contracts/contract';
import { derivedUuid } from './environment.js';
import { faultPoint } from './fault-point.js';
import { WRITE_EVENTS, WRITE_EVENTS_AND_SNAPSHOTS } from './outbox-statement.js';

/** What a command or a consumer works with inside its one database transaction. */
export interface Tx {
  readonly manager: EntityManager;
  /** Domain time of this transaction. */
  readonly now: Date;
  newId(): string;
  /** Notes an event for the outbox; it exists if and only if the transaction commits. */
  emit<C extends Contract>(contract: C, key: string, data: DataOf<C>): Promise<void>;
  /** As {@link Tx.emit} for many events of one type, in their order. */
  emitAll<C extends Contract>(contract: C, events: readonly KeyedData<C>[]): Promise<void>;
}

/** What one event of a contract says, and of which aggregate. */
export interface KeyedData<C extends Contract> {
  key: string;
  data: DataOf<C>;
}

export interface TxOrigin {
  /** Name of the service, for `source`. */
  service: string;
  now: Date;
  newId: () => string;
  correlationId: string;
  causationId?: string;
}

/** Runs `work` inside the caller's transaction and then writes the events that it has emitted. */
export async function withTx<R>(
  manager: EntityManager,
  origin: TxOrigin,
  work: (tx: Tx) => Promise<R>,
): Promise<R> {
  const outbox = new PendingOutbox();
  const result = await work(outbox.tx(manager, origin));
  await outbox.write(manager);
  return result;
}

/**
 * The events of one transaction, written by one statement as the last thing before it commits:
 * their keys are then locked for the shortest time.
 */
export class PendingOutbox {
  readonly #events: PendingEvent[] = [];

  tx(manager: EntityManager, origin: TxOrigin): Tx {
    const emitAll: Tx['emitAll'] = async (contract, events) => {
      for (const { data } of events) assertData(contract, data);
      for (const event of events) {
        this.#events.push(pendingEvent(contract, origin, event));
      }
    };
    return {
      manager,
      now: origin.now,
      newId: origin.newId,
      emit: (contract, key, data) => emitAll(contract, [{ key, data }]),
      emitAll,
    };
  }

  async write(manager: EntityManager): Promise<void> {
    if (this.#events.length === 0) return;
    const columns = [
      this.#events.map(({ envelope }) => envelope.id),
      this.#events.map(({ topic }) => topic),
      this.#events.map(({ envelope }) => envelope.subject),
      this.#events.map(({ envelope }) => JSON.stringify(envelope)),
    ];
    if (this.#events.some(({ state }) => state)) {
      const jsonOrNull = (value?: object) => (value ? JSON.stringify(value) : null);
      await manager.query(WRITE_EVENTS_AND_SNAPSHOTS, [
        ...columns,
        this.#events.map(({ state }) => jsonOrNull(state?.change)),
        this.#events.map(({ state }) => jsonOrNull(state?.snapshot)),
      ]);
    } else {
      await manager.query(WRITE_EVENTS, columns);
    }
    this.#events.length = 0;
    faultPoint('outbox.before-commit');
  }
}

/** An event that waits for its number. */
interface PendingEvent {
  topic: string;
  envelope: Omit<Envelope, 'aggregateversion'>;
  /** What it changes in its aggregate's snapshot, and the snapshot's envelope without data. */
  state?: { change: object; snapshot: Omit<Envelope, 'aggregateversion' | 'data'> };
}

function pendingEvent<C extends Contract>(
  contract: C,
  origin: TxOrigin,
  { key, data }: KeyedData<C>,
): PendingEvent {
  const { topic } = contract;
  const attributes = attributesOf(contract, origin, key);
  const envelope = { ...attributes, data };
  const change = contract.change?.(data);
  if (!change) return { topic, envelope };
  const snapshot = {
    ...attributes,
    id: derivedUuid(origin.now, `snapshot:${attributes.id}`),
    type: snapshotTypeOf(topic),
    causationid: attributes.id,
  };
  return { topic, envelope, state: { change, snapshot } };
}

function attributesOf(
  contract: Contract,
  origin: TxOrigin,
  key: string,
): Omit<Envelope, 'aggregateversion' | 'data'> {
  return {
    specversion: '1.0',
    id: origin.newId(),
    source: `/yanxiu/${origin.service}`,
    type: contract.type,
    subject: key,
    time: origin.now.toISOString(),
    datacontenttype: 'application/json',
    correlationid: origin.correlationId,
    ...(origin.causationId && { causationid: origin.causationId }),
  };
}
