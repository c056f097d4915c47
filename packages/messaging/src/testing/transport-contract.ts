import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { until } from '@yanxiu/testkit/waiting';
import { Consumer } from '../consumer.js';
import type { InboundMessage, OutboundMessage, ReadPositions, Transport } from '../port.js';
import { Relay } from '../relay.js';
import {
  commitEvent,
  commitSideBySide,
  effectHandlers,
  effects,
  environment,
  faultsOf,
  openDatabase,
  openTransport,
  silent,
  type TransportSpec,
} from './fixture.js';
import { Effects1700000000001 } from './schema.js';
import type { WorkerArguments } from './worker.js';

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
const PATIENCE = { timeoutMs: 45_000 };

/** What both transports must do; `spec` names the one under test. */
export function transportContract(name: string, spec: () => Promise<TransportSpec>): void {
  describe(`transport contract: ${name}`, () => {
    let database: TestDatabase;
    let db: DataSource;
    let chosen: TransportSpec;
    let transport: Transport;
    let topic: string;
    const stops: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      chosen = await spec();
      transport = await openTransport(chosen);
    });
    afterAll(() => transport.close());

    beforeEach(async () => {
      topic = `test.${randomUUID().slice(0, 8)}`;
      database = await createTestDatabase({
        service: 'messaging',
        migrations: [Effects1700000000001],
      });
      db = await openDatabase(database.appUrl);
      await transport.ensureTopics([topic]);
    });
    afterEach(async () => {
      for (const stop of stops.splice(0).reverse()) await stop();
      await db.destroy();
      await database.drop();
    });

    const startRelay = () => {
      const relay = new Relay({ databaseUrl: database.appUrl, transport, log: silent });
      relay.start();
      stops.push(() => relay.stop());
    };
    const startConsumer = async (known?: () => boolean) => {
      const consumer = new Consumer({
        consumer: 'test',
        dataSource: db,
        handlers: effectHandlers(topic, known),
        environment,
        transport,
        log: silent,
        onFatal: (error) => {
          throw error;
        },
      });
      await consumer.start();
      stops.push(() => consumer.stop());
      return consumer;
    };
    const settled = (count: number) =>
      until(async () => (await effects(db)).length >= count, {
        ...PATIENCE,
        message: `${count} effects`,
      });
    const child = (args: Pick<WorkerArguments, 'role' | 'fault' | 'passage'>): ChildProcess => {
      const full: WorkerArguments = {
        ...args,
        databaseUrl: database.appUrl,
        transport: chosen,
        topic,
      };
      const worker = fork(WORKER, [JSON.stringify(full)], {
        execArgv: ['--conditions=development', '--import', 'tsx'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      stops.push(async () => {
        if (worker.exitCode !== null || worker.signalCode !== null) return;
        worker.kill('SIGKILL');
        await once(worker, 'exit');
      });
      return worker;
    };
    const load = (perWriter: number) => commitSideBySide(db, topic, perWriter);
    it('loses nothing and keeps the order of each key under concurrent commits', async () => {
      startRelay();
      await startConsumer();
      const count = await load(60);
      await settled(count);
      expect(await faultsOf(db)).toEqual([]);
    });

    it('gives every group every message and delivers again what a consumer rejects', async () => {
      const publisher = await transport.publisher();
      stops.push(() => publisher.close());
      const messages: OutboundMessage[] = Array.from({ length: 30 }, (_, n) => ({
        topic,
        key: `k${n % 3}`,
        id: randomUUID(),
        value: JSON.stringify({ n }),
      }));
      const seen = { one: [] as InboundMessage[], two: [] as InboundMessage[] };
      let rejections = 0;
      for (const group of ['one', 'two'] as const) {
        const subscription = await transport.subscribe({
          group: `${group}-${topic}`,
          topics: [topic],
          onFatal: () => {},
          onBatch: async (batch) => {
            if (group === 'two' && rejections++ < 2) throw new Error('not now');
            seen[group].push(...batch);
          },
        });
        stops.push(() => subscription.stop());
      }
      await publisher.publish(messages);
      for (const group of ['one', 'two'] as const) {
        await until(() => new Set(seen[group].map((m) => m.value)).size === 30, PATIENCE);
        for (const key of ['k0', 'k1', 'k2']) {
          const numbers = seen[group].filter((m) => m.key === key).map((m) => numberOf(m.value));
          expect([...new Set(numbers)]).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        }
      }
      expect(rejections).toBeGreaterThan(2);
    });

    it('[HOURS-ONCE] acts once on an event that is sent three times', async () => {
      await commitEvent(db, topic, 'a');
      await commitEvent(db, topic, 'a');
      const rows: { event_id: string; value: string }[] = await db.query(
        'SELECT event_id, envelope::text AS value FROM outbox ORDER BY seq',
      );
      const publisher = await transport.publisher();
      stops.push(() => publisher.close());
      for (let time = 0; time < 3; time += 1) {
        // Another id for the transport, the same event inside: what a second sending looks like.
        await publisher.publish(
          rows.map(({ value }) => ({ topic, key: 'a', id: randomUUID(), value })),
        );
      }
      const consumer = await startConsumer();
      await until(async () => (await consumer.status()).lag === 0, PATIENCE);
      expect((await effects(db)).map((e) => e.version)).toEqual([1, 2]);
    });

    it('holds aside what comes after a gap until the gap is filled', async () => {
      for (let n = 0; n < 3; n += 1) await commitEvent(db, topic, 'a');
      const rows: { value: string }[] = await db.query(
        'SELECT envelope::text AS value FROM outbox ORDER BY seq',
      );
      const publisher = await transport.publisher();
      stops.push(() => publisher.close());
      const send = (index: number) =>
        publisher.publish([{ topic, key: 'a', id: randomUUID(), value: rows[index]?.value ?? '' }]);
      const consumer = await startConsumer();
      await send(2);
      await send(1);
      await until(async () => (await consumer.status()).held === 2, PATIENCE);
      expect(await effects(db)).toEqual([]);
      await send(0);
      await settled(3);
      expect((await effects(db)).map((e) => e.version)).toEqual([1, 2, 3]);
      await until(async () => (await consumer.status()).held === 0, PATIENCE);
    });

    it('parks poison with its reason while other keys flow', async () => {
      const publisher = await transport.publisher();
      stops.push(() => publisher.close());
      await publisher.publish([
        { topic, key: 'bad', id: randomUUID(), value: '{ not json' },
        { topic, key: 'bad', id: randomUUID(), value: '{"specversion":"0.3"}' },
      ]);
      startRelay();
      const consumer = await startConsumer();
      await commitEvent(db, topic, 'poison', 'throw');
      await commitEvent(db, topic, 'poison');
      await commitEvent(db, topic, 'good');
      await settled(1);
      await until(async () => (await consumer.status()).deadLetters === 3, PATIENCE);
      await until(async () => (await consumer.status()).held === 1, PATIENCE);
      expect((await effects(db)).map((e) => e.key)).toEqual(['good']);
      const letters: { fault: string; detail: string }[] = await db.query(
        'SELECT fault, detail FROM dead_letter ORDER BY fault',
      );
      expect(letters.map((letter) => letter.fault)).toEqual([
        'BAD_ENVELOPE',
        'BAD_JSON',
        'HANDLER_FAILED',
      ]);
      expect(letters[2]?.detail).toContain('cannot be handled');
    });

    it('waits for a reference that is not yet known without blocking its partition', async () => {
      let known = false;
      startRelay();
      const consumer = await startConsumer(() => known);
      await commitEvent(db, topic, 'waiting', 'wait-for-reference');
      await until(async () => (await consumer.status()).held === 1, PATIENCE);
      for (let n = 0; n < 8; n += 1) await commitEvent(db, topic, `other-${n}`);
      await settled(8);
      known = true;
      await settled(9);
      expect(await faultsOf(db)).toEqual([]);
    });

    it('reads all there is to its end, then what came after, and moves no group', async () => {
      const publisher = await transport.publisher();
      stops.push(() => publisher.close());
      const send = (from: number, to: number) =>
        publisher.publish(
          Array.from({ length: to - from }, (_, n) => ({
            topic,
            key: `k${(from + n) % 7}`,
            id: randomUUID(),
            value: JSON.stringify({ n: from + n }),
          })),
        );
      const read = async (from?: ReadPositions) => {
        const seen: InboundMessage[] = [];
        const ends = await transport.read({
          topics: [topic],
          ...(from && { from }),
          onBatch: async (batch) => void seen.push(...batch),
        });
        return { seen, ends };
      };
      expect((await read()).seen).toEqual([]);
      await send(0, 1_200);
      const { seen, ends } = await untilAll(read, 1_200);
      for (const key of new Set(seen.map((message) => message.key))) {
        const numbers = seen.filter((m) => m.key === key).map((m) => numberOf(m.value));
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      }
      await send(1_200, 1_300);
      const later = await untilAll(() => read(ends), 100);
      expect(later.seen.every((m) => numberOf(m.value) >= 1_200)).toBe(true);
      expect((await read(later.ends)).seen).toEqual([]);
      expect(await transport.lag(`group-${topic}`, [topic])).toBe(1_300);
      const lags = await transport.partitionLags(`group-${topic}`, [topic]);
      expect(lags.map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
      expect(lags.reduce((sum, { lag }) => sum + lag, 0)).toBe(1_300);
      await expect(
        transport.read({ topics: [topic], onBatch: () => Promise.reject(new Error('enough')) }),
      ).rejects.toThrow('enough');
    });

    it.each([
      ['relay', 'relay.before-send', 1],
      ['relay', 'relay.before-mark', 1],
      ['relay', 'relay.after-mark', 1],
      ['consume', 'inbox.before-commit', 3],
      ['consume', 'inbox.after-commit', 2],
    ] as const)('survives SIGKILL of %s at %s', async (role, fault, passage) => {
      if (role === 'relay') await startConsumer();
      else startRelay();
      const victim = child({ role, fault, passage });
      let sent = 0;
      // However many are taken at once, the later passages come too.
      while (victim.exitCode === null && victim.signalCode === null) sent += await load(5);
      expect(victim.signalCode).toBe('SIGKILL');
      child({ role, fault: null, passage: 0 });
      await settled(sent);
      expect(await faultsOf(db)).toEqual([]);
    });
  });
}

const numberOf = (value: string): number => (JSON.parse(value) as { n: number }).n;

/** Reads until so many are there: a message counts as later while older transactions are open. */
const untilAll = <R extends { seen: readonly unknown[] }>(
  read: () => Promise<R>,
  count: number,
): Promise<R> =>
  until(async () => {
    const result = await read();
    if (result.seen.length > count) throw new Error(`${result.seen.length} read`);
    return result.seen.length === count ? result : null;
  }, PATIENCE);
