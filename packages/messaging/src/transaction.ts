import type { EntityManager } from 'typeorm';
import { assertData, type Envelope } from '@yanxiu/contracts/envelope';
import type { Contract, DataOf } from '@yanxiu/contracts/contract';
import { faultPoint } from './fault-point.js';

/** What a command or a consumer works with inside its one database transaction. */
export interface Tx {
  readonly manager: EntityManager;
  /** Domain time of this transaction. */
  readonly now: Date;
  newId(): string;
  /** Writes an outbox row; the event exists if and only if the transaction commits. */
  emit<C extends Contract>(contract: C, key: string, data: DataOf<C>): Promise<void>;
}

export interface TxOrigin {
  /** Name of the service, for `source`. */
  service: string;
  now: Date;
  newId: () => string;
  correlationId: string;
  causationId?: string;
}

export function createTx(manager: EntityManager, origin: TxOrigin): Tx {
  let notified = false;
  return {
    manager,
    now: origin.now,
    newId: origin.newId,
    async emit(contract, key, data) {
      assertData(contract, data);
      const version = await nextVersion(manager, contract.topic, key);
      const envelope: Envelope = {
        specversion: '1.0',
        id: origin.newId(),
        source: `/yanxiu/${origin.service}`,
        type: contract.type,
        subject: key,
        time: origin.now.toISOString(),
        datacontenttype: 'application/json',
        aggregateversion: version,
        correlationid: origin.correlationId,
        ...(origin.causationId && { causationid: origin.causationId }),
        data,
      };
      await manager.query(
        'INSERT INTO outbox (event_id, topic, key, version, envelope) VALUES ($1, $2, $3, $4, $5)',
        [envelope.id, contract.topic, key, version, JSON.stringify(envelope)],
      );
      // One wake-up a transaction: NOTIFY takes an instance-wide lock at commit.
      if (!notified) await manager.query("SELECT pg_notify('outbox', '')");
      notified = true;
      faultPoint('outbox.before-commit');
    },
  };
}

/** The row lock taken here holds until commit, so numbers and outbox order agree with commit order. */
async function nextVersion(manager: EntityManager, topic: string, key: string): Promise<number> {
  const rows: { version: number }[] = await manager.query(
    `INSERT INTO outbox_version (topic, key, version) VALUES ($1, $2, 1)
     ON CONFLICT (topic, key) DO UPDATE SET version = outbox_version.version + 1
     RETURNING version`,
    [topic, key],
  );
  const row = rows[0];
  if (!row) throw new Error('outbox_version returned no row');
  return row.version;
}
