import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { Envelope } from '@yanxiu/contracts/envelope';
import type { PolicySnapshot } from '@yanxiu/contracts/personnel-state';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { until } from '@yanxiu/testkit/waiting';
import type { Transport } from '../port.js';
import { Relay } from '../relay.js';
import { withTx } from '../transaction.js';
import {
  dataOf,
  environment,
  eventWithStateOn,
  openDatabase,
  openTransport,
  silent,
  type TransportSpec,
} from './fixture.js';
import { Effects1700000000001 } from './schema.js';

const PATIENCE = { timeoutMs: 45_000 };
const KEYS = ['a', 'b', 'c', 'd', 'e'];

type Snapshot = Envelope<PolicySnapshot>;

/** What both transports must do with topics `….state`; `spec` names the one under test. */
export function stateContract(name: string, spec: () => Promise<TransportSpec>): void {
  describe(`snapshots on ${name}`, () => {
    let database: TestDatabase;
    let db: DataSource;
    let transport: Transport;
    let topic: string;
    const stops: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      transport = await openTransport(await spec());
    });
    afterAll(() => transport.close());
    beforeEach(async () => {
      topic = `test.${randomUUID().slice(0, 8)}`;
      const migrations = [Effects1700000000001];
      database = await createTestDatabase({ service: 'snapshots', migrations });
      db = await openDatabase(database.appUrl);
      await transport.ensureTopics([topic, `${topic}.state`]);
    });
    afterEach(async () => {
      for (const stop of stops.splice(0).reverse()) await stop();
      await db.destroy();
      await database.drop();
    });

    /** Commits the next event of each of the keys. */
    const commit = async (version: number, keys: readonly string[] = KEYS) => {
      const now = new Date();
      const origin = { service: 'test', now, newId: environment.ids(''), correlationId: 'c' };
      await db.transaction((manager) =>
        withTx(manager, origin, (tx) =>
          tx.emitAll(
            eventWithStateOn(topic),
            keys.map((key) => ({ key, data: { ...dataOf(), version } })),
          ),
        ),
      );
    };
    const startRelay = () => {
      const relay = new Relay({ databaseUrl: database.appUrl, transport, log: silent });
      relay.start();
      return relay;
    };
    /** A relay that sends all there is and ends. */
    const relayAll = async () => {
      const relay = startRelay();
      await until(async () => {
        const pending = await db.query('SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1');
        return (pending as unknown[]).length === 0;
      }, PATIENCE);
      await relay.stop();
    };
    /** A consumer that comes new, in the order in which it is given snapshots. */
    const newReader = async () => {
      const seen: Snapshot[] = [];
      const subscription = await transport.subscribe({
        group: `reader-${randomUUID()}`,
        topics: [`${topic}.state`],
        onFatal: () => {},
        onBatch: async (batch) => {
          seen.push(...batch.map(({ value }) => JSON.parse(value) as Snapshot));
        },
      });
      stops.push(() => subscription.stop());
      return seen;
    };
    const newest = (seen: readonly Snapshot[]) => {
      const best = new Map<string, Snapshot>();
      for (const snapshot of seen) {
        const held = best.get(snapshot.subject);
        if (!held || held.aggregateversion < snapshot.aggregateversion)
          best.set(snapshot.subject, snapshot);
      }
      return best;
    };
    const reaches = (seen: readonly Snapshot[], version: number) =>
      until(
        () => {
          const best = newest(seen);
          return KEYS.every((key) => best.get(key)?.aggregateversion === version);
        },
        { ...PATIENCE, message: `version ${version} of every key` },
      );

    it('start a new consumer from the present, and go on from there', async () => {
      const relay = startRelay();
      stops.push(() => relay.stop());
      for (let version = 1; version <= 6; version += 1) await commit(version);
      const seen = await newReader();
      await reaches(seen, 6);
      for (const { data, aggregateversion } of newest(seen).values()) {
        expect(aggregateversion).toBe(6);
        expect(data.versions.map((each) => each.version)).toEqual([1, 2, 3, 4, 5, 6]);
      }
      await commit(7);
      await reaches(seen, 7);
      for (const key of KEYS) {
        const versions = seen.filter((s) => s.subject === key).map((s) => s.aggregateversion);
        expect(versions).toEqual([...versions].sort((a, b) => a - b));
      }
    });

    it('are not sent when there is a newer one: it must be the last that is read', async () => {
      for (let version = 1; version <= 4; version += 1) await commit(version);
      await commit(5, ['a']);
      await relayAll();
      const seen = await newReader();
      await until(() => seen.length >= KEYS.length, PATIENCE);
      expect(seen.map((s) => [s.subject, s.aggregateversion]).sort()).toEqual([
        ['a', 5],
        ...KEYS.slice(1).map((key) => [key, 4]),
      ]);
      // Sent once more, as after a crash between send and mark, nothing older comes last.
      await db.query('UPDATE outbox SET published_at = NULL WHERE version < 4');
      await commit(5, ['b']);
      await relayAll();
      await until(() => newest(seen).get('b')?.aggregateversion === 5, PATIENCE);
      expect(seen.filter((s) => s.aggregateversion < 4)).toEqual([]);
    });
  });
}
