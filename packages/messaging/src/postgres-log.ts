import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Logger } from 'pino';
import { isStateTopic } from '@yanxiu/contracts/contract';
import { PARTITIONS } from '@yanxiu/contracts/topic-settings';
import { sumOfLags } from './partition-lag.js';
import { faultPoint } from './fault-point.js';
import { groupBy } from '@yanxiu/contracts/group-by';
import type {
  OutboundMessage,
  PartitionLag,
  Publisher,
  ReadOptions,
  ReadPositions,
  SubscribeOptions,
  Subscription,
  Transport,
} from './port.js';
import { logLags, readLog, toMessage, type LogRow, type Partition } from './postgres-log-read.js';
import { keepSnapshots, tableOf } from './postgres-log-state.js';
import { WakeUp } from './wake-up.js';

const BATCH = 200;
const IDLE_POLL_MS = 1_000;
/** Rows that are written but not yet below the snapshot horizon are looked for again this soon. */
const HORIZON_POLL_MS = 10;
const RETRY_MS = 500;
/** How often a member looks for partitions that another has let go. */
const CLAIM_MS = 1_000;

export interface PostgresLogOptions {
  /** Runtime role on the database `events`. */
  url: string;
  log: Logger;
}

/** An ordered, partitioned log in Postgres: the default where no Kafka is given. */
export class PostgresLog implements Transport {
  readonly kind = 'postgres';
  readonly #pool: pg.Pool;
  readonly #options: PostgresLogOptions;

  constructor(options: PostgresLogOptions) {
    this.#options = options;
    this.#pool = new pg.Pool({
      connectionString: options.url,
      max: 4,
      connectionTimeoutMillis: 10_000,
    });
    this.#pool.on('error', (error) =>
      options.log.warn({ err: error }, 'event log connection lost'),
    );
  }

  async ensureTopics(topics: readonly string[]): Promise<void> {
    await this.#pool.query(
      `INSERT INTO log_topic (topic, partitions) SELECT unnest($1::text[]), $2
       ON CONFLICT DO NOTHING`,
      [topics, PARTITIONS],
    );
  }

  async publisher(): Promise<Publisher> {
    return {
      publish: async (messages) => {
        const snapshots = messages.filter(({ topic }) => isStateTopic(topic));
        const events = messages.filter(({ topic }) => !isStateTopic(topic));
        if (events.length > 0) await this.#append(events);
        if (snapshots.length > 0) await keepSnapshots(this.#pool, snapshots, partitionOf);
      },
      close: async () => {},
    };
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    const reader = new LogReader(this.#options, this.#pool, options);
    await reader.start();
    return reader;
  }

  async lag(group: string, topics: readonly string[]): Promise<number> {
    return sumOfLags(await this.partitionLags(group, topics));
  }

  partitionLags(group: string, topics: readonly string[]): Promise<PartitionLag[]> {
    return logLags(this.#pool, group, topics);
  }

  read(options: ReadOptions): Promise<ReadPositions> {
    return readLog(this.#pool, options);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** One statement, one transaction; an event id that is there already is left as it is. */
  async #append(messages: readonly OutboundMessage[]): Promise<void> {
    await this.#pool.query({
      name: 'log-append',
      text: `WITH appended AS (
          INSERT INTO log (topic, partition, event_id, key, value)
          SELECT topic, partition, event_id, key, value
          FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[])
            WITH ORDINALITY AS m (topic, partition, event_id, key, value, n)
          ORDER BY n
          ON CONFLICT (topic, event_id) DO NOTHING
          RETURNING topic
        ) SELECT pg_notify('log', topic) FROM appended GROUP BY topic`,
      values: [
        messages.map((m) => m.topic),
        messages.map((m) => partitionOf(m.key)),
        messages.map((m) => m.id),
        messages.map((m) => m.key),
        messages.map((m) => m.value),
      ],
    });
  }
}

const partitionOf = (key: string): number =>
  createHash('sha1').update(key).digest().readUInt32BE(0) % PARTITIONS;

const nameOf = ({ topic, partition }: Partition): string => `${topic}/${partition}`;

/**
 * Reads what its group has not taken. The cursor is (txid, seq) and never passes a transaction
 * that is still open: a cursor over `seq` alone would skip rows that commit late. A member owns
 * the partitions whose advisory lock its connection holds.
 */
class LogReader implements Subscription {
  readonly #wakeUp = new WakeUp();
  readonly #table: 'log' | 'log_state';
  #stopping = false;
  #running: Promise<void> | undefined;

  constructor(
    private readonly log: PostgresLogOptions,
    private readonly pool: pg.Pool,
    private readonly options: SubscribeOptions,
  ) {
    this.#table = tableOf(options.topics);
  }

  async start(): Promise<void> {
    const { group, topics } = this.options;
    await this.pool.query(
      `INSERT INTO log_position (consumer_group, topic, partition)
       SELECT $1, t, p FROM unnest($2::text[]) AS t, generate_series(0, $3::int - 1) AS p
       ON CONFLICT DO NOTHING`,
      [group, topics, PARTITIONS],
    );
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wakeUp.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const client = new pg.Client({ connectionString: this.log.url });
      client.on('error', (error) =>
        this.log.log.warn({ err: error }, 'log reader lost connection'),
      );
      client.on('notification', ({ payload }) => {
        if (this.options.topics.includes(payload ?? '')) this.#wakeUp.wake();
      });
      try {
        await client.connect();
        await client.query('LISTEN log');
        await this.#read(client);
      } catch (error) {
        if (!this.#stopping) {
          this.log.log.warn({ err: error, group: this.options.group }, 'log reader: trying again');
        }
      } finally {
        await client.end().catch(() => {});
      }
      if (!this.#stopping) await this.#wakeUp.sleep(RETRY_MS);
    }
  }

  async #read(client: pg.Client): Promise<void> {
    const owned: Partition[] = [];
    let claimAt = 0;
    while (!this.#stopping) {
      if (performance.now() >= claimAt) {
        owned.push(...(await this.#claim(client, owned)));
        claimAt = performance.now() + CLAIM_MS;
      }
      const { rows, hidden } = await this.#next(client, owned);
      for (const batch of groupBy(rows, ({ topic }) => topic).values()) {
        if (this.#stopping) return;
        await this.#deliver(client, batch);
      }
      if (rows.length === 0) await this.#wakeUp.sleep(hidden ? HORIZON_POLL_MS : IDLE_POLL_MS);
    }
  }

  /** Takes the locks of partitions that no other member holds; the connection keeps them. */
  async #claim(client: pg.Client, owned: readonly Partition[]): Promise<Partition[]> {
    const { rows } = await client.query<Partition>({
      name: 'log-claim',
      text: `WITH free AS MATERIALIZED (
          SELECT topic, partition FROM log_position
          WHERE consumer_group = $1 AND topic = ANY($2)
            AND NOT topic || '/' || partition = ANY($3)
        )
        SELECT topic, partition FROM free
        WHERE pg_try_advisory_lock(hashtext($1), hashtext(topic || '/' || partition))`,
      values: [this.options.group, this.options.topics, owned.map(nameOf)],
    });
    return rows;
  }

  async #next(
    client: pg.Client,
    owned: readonly Partition[],
  ): Promise<{ rows: LogRow[]; hidden: boolean }> {
    const { rows } = await client.query<LogRow & { hidden: boolean }>({
      name: 'log-next',
      text: `SELECT n.topic, n.partition, n.txid::text, n.seq::text, n.key, n.value, n.hidden
        FROM unnest($2::text[], $3::int[]) AS o (topic, partition)
        JOIN log_position p
          ON p.consumer_group = $1 AND p.topic = o.topic AND p.partition = o.partition
        CROSS JOIN LATERAL (
          SELECT l.topic, l.partition, l.txid, l.seq, l.key, l.value,
                 l.txid >= pg_snapshot_xmin(pg_current_snapshot()) AS hidden
          FROM ${this.#table} l
          WHERE l.topic = p.topic AND l.partition = p.partition
            AND (l.txid, l.seq) > (p.txid, p.seq)
          ORDER BY l.txid, l.seq LIMIT ${BATCH}
        ) n ORDER BY n.txid, n.seq`,
      values: [
        this.options.group,
        owned.map((each) => each.topic),
        owned.map((each) => each.partition),
      ],
    });
    return { rows: rows.filter((row) => !row.hidden), hidden: rows.some((row) => row.hidden) };
  }

  async #deliver(client: pg.Client, batch: readonly LogRow[]): Promise<void> {
    await this.options.onBatch(batch.map(toMessage));
    const last = [...new Map(batch.map((row) => [nameOf(row), row])).values()];
    await client.query({
      name: 'log-position',
      text: `UPDATE log_position p SET txid = n.txid::xid8, seq = n.seq
             FROM unnest($2::text[], $3::int[], $4::text[], $5::bigint[])
               AS n (topic, partition, txid, seq)
             WHERE p.consumer_group = $1 AND p.topic = n.topic AND p.partition = n.partition`,
      values: [
        this.options.group,
        last.map(({ topic }) => topic),
        last.map(({ partition }) => partition),
        last.map(({ txid }) => txid),
        last.map(({ seq }) => seq),
      ],
    });
    faultPoint('consumer.after-position');
  }
}
