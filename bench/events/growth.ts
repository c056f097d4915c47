import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { Inbox } from '@yanxiu/messaging/inbox';
import type { Envelope } from '@yanxiu/contracts/envelope';
import type { InboundMessage, Transport } from '@yanxiu/messaging/port';
import { PostgresLog } from '@yanxiu/messaging/postgres-log';
import { everything, migratePostgresLog } from '@yanxiu/messaging/postgres-log-access';
import { Relay } from '@yanxiu/messaging/relay';
import {
  commitEvent,
  dataOf,
  effectHandlers,
  environment,
  eventOn,
} from '@yanxiu/messaging/testing/fixture';
import { Effects1700000000001 } from '@yanxiu/messaging/testing/schema';
import { createTestDatabase } from '@yanxiu/testkit/database';
import { spread, table } from '../figures.js';
import { ask, log, type Setting } from './setting.js';

export interface GrowthOptions {
  rounds: number;
  /** Rows that outbox, inbox and log hold before the events are timed. */
  sizes: readonly number[];
  /** Events of a round. */
  events: number;
}

const newId = environment.ids('');
const TOPIC = 'bench.growth';
/** Ids of events rise with time (UUIDv7); SQL that makes the `n`th of a filled table. */
const ID = `(lpad(to_hex(1700000000000 + n), 12, '0')
  || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid`;
const STAGES = [
  'outbox: commit',
  'outbox: relay reads and marks',
  'inbox',
  'log: append',
  'log: read',
];

/** What one event costs in Postgres, stage by stage, on tables of different length. */
export async function growth(setting: Setting, options: GrowthOptions): Promise<string> {
  const places = [];
  for (const size of options.sizes) places.push(await Place.of(setting, size));
  const costs = new Map<string, number[]>();
  for (let n = 0; n <= options.rounds; n += 1) {
    for (const place of places) {
      const times = await place.round(options.events);
      for (const [stage, microseconds] of times) {
        const name = `${stage}/${place.size}`;
        // The first round warms up and is not counted.
        if (n > 0) costs.set(name, [...(costs.get(name) ?? []), microseconds]);
      }
    }
  }
  for (const place of places) await place.stop();
  const of = (stage: string, size: number) => costs.get(`${stage}/${size}`) ?? [];
  const [small = 0, ...larger] = options.sizes;
  return table(
    ['µs an event', ...options.sizes.map((size) => `${size} rows`), 'largest ÷ smallest'],
    STAGES.map((stage) => {
      const base = of(stage, small);
      const most = of(stage, larger.at(-1) ?? small);
      return [
        stage,
        ...options.sizes.map((size) => spread(of(stage, size), 0)),
        spread(most.map((value, n) => value / (base[n] ?? Number.NaN))),
      ];
    }),
  );
}

/** A service's database and a log, filled to one size. */
class Place {
  private constructor(
    readonly size: number,
    private readonly db: DataSource,
    private readonly appUrl: string,
    private readonly events: PostgresLog,
  ) {}

  static async of(setting: Setting, size: number): Promise<Place> {
    const { db, appUrl, ownerUrl } = await setting.database('growth', [Effects1700000000001]);
    const log_ = await createTestDatabase({ service: 'growth_log' });
    await migratePostgresLog(log_.ownerUrl, [everything(new URL(log_.appUrl).username)]);
    const like = JSON.stringify(envelope(randomUUID(), 1));
    await ask(
      ownerUrl,
      `INSERT INTO outbox (event_id, topic, key, version, envelope, published_at)
       SELECT ${ID}, '${TOPIC}', gen_random_uuid(), 1, $1::jsonb, now()
       FROM generate_series(1, $2::int) AS n`,
      [like, size],
    );
    await ask(
      ownerUrl,
      `WITH taken AS (
         INSERT INTO inbox (consumer, topic, key, version)
         SELECT 'bench', '${TOPIC}', key, 1 FROM outbox RETURNING 1
       ) INSERT INTO inbox_taken (consumer, topic, event_id, key, version)
         SELECT 'bench', '${TOPIC}', event_id, key, 1 FROM outbox`,
      [],
    );
    await ask(
      log_.ownerUrl,
      `INSERT INTO log (topic, partition, event_id, key, value)
       SELECT '${TOPIC}', n % 4, ${ID}, gen_random_uuid(), $1
       FROM generate_series(1, $2::int) AS n`,
      [like, size],
    );
    await ask(ownerUrl, 'VACUUM ANALYZE', []);
    await ask(log_.ownerUrl, 'VACUUM ANALYZE', []);
    const events = new PostgresLog({ url: log_.appUrl, log });
    await events.ensureTopics([TOPIC]);
    // A group that has taken all that is there.
    await ask(
      log_.ownerUrl,
      `INSERT INTO log_position (consumer_group, topic, partition, txid, seq)
       SELECT 'bench', '${TOPIC}', p, pg_current_xact_id(), (SELECT coalesce(max(seq), 0) FROM log)
       FROM generate_series(0, 3) AS p`,
      [],
    );
    return new Place(size, db, appUrl, events);
  }

  async round(events: number): Promise<[string, number][]> {
    const messages = Array.from({ length: events }, () => message());
    const inbox = new Inbox({
      consumer: 'bench',
      dataSource: this.db,
      handlers: effectHandlers(TOPIC),
      environment,
    });
    const stages: [string, () => Promise<void>][] = [
      [
        'outbox: commit',
        async () => {
          for (let n = 0; n < events; n += 1) await commitEvent(this.db, TOPIC, randomUUID());
        },
      ],
      ['outbox: relay reads and marks', () => this.#drain()],
      [
        'inbox',
        async () => {
          for (let from = 0; from < events; from += 200) {
            await inbox.takeBatch(messages.slice(from, from + 200));
          }
        },
      ],
      [
        'log: append',
        async () => {
          const publisher = await this.events.publisher();
          const rows = messages.map((m) => ({ ...m, key: m.key ?? '', id: newId() }));
          for (let from = 0; from < events; from += 200) {
            await publisher.publish(rows.slice(from, from + 200));
          }
        },
      ],
      ['log: read', () => this.#read(events)],
    ];
    const times: [string, number][] = [];
    for (const [name, work] of stages) {
      const begun = performance.now();
      await work();
      times.push([name, ((performance.now() - begun) * 1_000) / events]);
    }
    return times;
  }

  /** The relay with a transport that takes everything at once. */
  async #drain(): Promise<void> {
    const publisher = { publish: async () => {}, close: async () => {} };
    const transport = { publisher: async () => publisher } as Partial<Transport> as Transport;
    const relay = new Relay({ databaseUrl: this.appUrl, transport, log });
    relay.start();
    for (;;) {
      const rows: unknown[] = await this.db.query(
        'SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1',
      );
      if (rows.length === 0) break;
    }
    await relay.stop();
  }

  async #read(events: number): Promise<void> {
    let seen = 0;
    let done: () => void = () => {};
    const all = new Promise<void>((resolve) => (done = resolve));
    const subscription = await this.events.subscribe({
      group: 'bench',
      topics: [TOPIC],
      onFatal: () => {},
      onBatch: async (batch) => {
        seen += batch.length;
        if (seen >= events) done();
      },
    });
    await all;
    await subscription.stop();
  }

  stop(): Promise<void> {
    return this.events.close();
  }
}

const envelope = (key: string, version: number): Envelope => ({
  specversion: '1.0',
  id: newId(),
  source: '/yanxiu/test',
  type: eventOn(TOPIC).type,
  subject: key,
  time: new Date().toISOString(),
  datacontenttype: 'application/json',
  aggregateversion: version,
  correlationid: key,
  data: dataOf(),
});

function message(): InboundMessage {
  const key = randomUUID();
  const value = JSON.stringify(envelope(key, 1));
  return { topic: TOPIC, partition: 0, position: key, key, value };
}
