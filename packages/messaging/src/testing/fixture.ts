import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { DataSource } from 'typeorm';
import type { Contract } from '@yanxiu/contracts/contract';
import { policyPublished } from '@yanxiu/contracts/personnel';
import { systemEnvironment } from '../environment.js';
import { NotYetKnown, on, type EventHandler } from '../handlers.js';
import type { Transport } from '../port.js';
import { withTx } from '../transaction.js';

export const silent = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
export const environment = systemEnvironment();

/** A real contract serves as the test's event; `instrument` tells the handler what to do. */
export type Behaviour = 'work' | 'throw' | 'wait-for-reference';

/** The test's event on a topic of its own. */
export const eventOn = (topic: string): Contract<(typeof policyPublished)['schema']> => {
  const contract = { ...policyPublished, topic };
  delete contract.change;
  return contract;
};

/** As {@link eventOn}, with a topic `….state` beside it. */
export const eventWithStateOn = (topic: string): typeof policyPublished => ({
  ...policyPublished,
  topic,
});

export const dataOf = (behaviour: Behaviour = 'work') => ({
  key: 'hours.basic.annual',
  version: 1,
  value: 7200,
  unit: 'centihours',
  validFrom: '2021-01-01',
  validTo: null,
  scopeCode: null,
  rules: ['HOURS-BASIC-ANNUAL'],
  instrument: behaviour,
  article: '三（一）1',
  quotation: '每年不少于72学时',
  publishedAt: '2023-05-04T00:00:00.000Z',
});

export const openDatabase = (url: string): Promise<DataSource> =>
  new DataSource({ type: 'postgres', url, synchronize: false, poolSize: 8 }).initialize();

/** Commits one event per call, as a command does. */
export async function commitEvent(
  db: DataSource,
  topic: string,
  key: string,
  behaviour?: Behaviour,
): Promise<void> {
  const now = new Date();
  const origin = { service: 'test', now, newId: environment.ids(''), correlationId: randomUUID() };
  await db.transaction((manager) =>
    withTx(manager, origin, (tx) => tx.emit(eventOn(topic), key, dataOf(behaviour))),
  );
}

/**
 * Four writers commit at the same time, so that sequence numbers and commits disagree; how many
 * events there are of them together.
 */
export async function commitSideBySide(
  db: DataSource,
  topic: string,
  perWriter: number,
): Promise<number> {
  await Promise.all(
    [0, 1, 2, 3].map(async (writer) => {
      for (let n = 0; n < perWriter; n += 1) {
        await commitEvent(db, topic, `key-${(n * 7 + writer) % 10}`);
      }
    }),
  );
  return perWriter * 4;
}

/**
 * Notes each event once per time it takes effect. `known` says whether a waited-for reference is
 * there.
 */
export function effectHandlers(topic: string, known: () => boolean = () => true): EventHandler[] {
  return [
    on(eventOn(topic), async (event, { manager }) => {
      if (event.data.instrument === 'throw') throw new Error('this event cannot be handled');
      if (event.data.instrument === 'wait-for-reference' && !known()) throw new NotYetKnown('x');
      await manager.query('INSERT INTO effect (event_id, key, version) VALUES ($1, $2, $3)', [
        event.id,
        event.subject,
        event.aggregateversion,
      ]);
    }),
  ];
}

export interface Effect {
  event_id: string;
  key: string;
  version: number;
}

export const effects = (db: DataSource): Promise<Effect[]> =>
  db.query('SELECT event_id, key, version FROM effect ORDER BY n');

/**
 * Every event of the outbox took effect once, there or in another database, and each key's effects
 * are 1, 2, 3 … in that order.
 */
export async function faultsOf(outboxOf: DataSource, effectsOf = outboxOf): Promise<string[]> {
  const outbox: { event_id: string }[] = await outboxOf.query('SELECT event_id FROM outbox');
  const seen = await effects(effectsOf);
  const faults: string[] = [];
  const last = new Map<string, number>();
  const ids = new Set<string>();
  for (const { event_id: id, key, version } of seen) {
    if (ids.has(id)) faults.push(`${id} took effect twice`);
    ids.add(id);
    if (version !== (last.get(key) ?? 0) + 1)
      faults.push(`${key}: ${version} after ${last.get(key)}`);
    last.set(key, version);
  }
  for (const { event_id: id } of outbox) if (!ids.has(id)) faults.push(`${id} is lost`);
  return faults;
}

/** How a test, and a child process of it, opens the transport under test. */
export type TransportSpec =
  { kind: 'postgres'; url: string } | { kind: 'kafka'; brokers: string[] };

export async function openTransport(spec: TransportSpec): Promise<Transport> {
  if (spec.kind === 'postgres') {
    const { PostgresLog } = await import('../postgres-log.js');
    return new PostgresLog({ url: spec.url, log: silent });
  }
  const { KafkaTransport } = await import('../kafka.js');
  return new KafkaTransport({ brokers: spec.brokers, clientId: 'test', log: silent });
}
