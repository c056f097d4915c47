import pg from 'pg';
import type { Logger } from 'pino';
import type { OutboundMessage, Publisher, Transport } from './port.js';
import { faultPoint } from './fault-point.js';
import { relayPublished } from './metrics.js';
import { WakeUp } from './wake-up.js';

/** Advisory lock that makes one relay per database the leader. */
const LEADER_LOCK = 7_201_001;
const BATCH = 500;
const IDLE_POLL_MS = 1_000;
const RETRY_MS = 500;

export interface RelayOptions {
  /** Connection string of the service's own database (runtime role). */
  databaseUrl: string;
  transport: Transport;
  log: Logger;
}

interface OutboxRow {
  seq: string;
  event_id: string;
  topic: string;
  key: string;
  value: string;
}

/**
 * Moves outbox rows to the transport. One leader per database, serial batches, and a *published*
 * flag: a cursor over `seq` would skip rows that commit late. A crash between send and mark sends
 * again; consumers act once.
 */
export class Relay {
  readonly #options: RelayOptions;
  #stopping = false;
  #running: Promise<void> | undefined;
  readonly #wakeUp = new WakeUp();

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wakeUp.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log, transport } = this.#options;
    while (!this.#stopping) {
      let publisher: Publisher | undefined;
      // The lock, LISTEN and all work share one connection: who loses it has lost leadership.
      const client = new pg.Client({ connectionString: this.#options.databaseUrl });
      client.on('error', (error) => log.warn({ err: error }, 'relay lost its connection'));
      client.on('notification', () => this.#wakeUp.wake());
      try {
        await client.connect();
        if (await this.#becomeLeader(client)) {
          publisher = await transport.publisher();
          await client.query('LISTEN outbox');
          await this.#lead(client, publisher);
        }
      } catch (error) {
        if (!this.#stopping) log.warn({ err: error }, 'relay failed, trying again');
      } finally {
        await publisher?.close().catch(() => {});
        await client.end().catch(() => {});
      }
      if (!this.#stopping) await this.#wakeUp.sleep(RETRY_MS);
    }
  }

  async #becomeLeader(client: pg.Client): Promise<boolean> {
    while (!this.#stopping) {
      const { rows } = await client.query<{ locked: boolean }>(
        'SELECT pg_try_advisory_lock($1) AS locked',
        [LEADER_LOCK],
      );
      if (rows[0]?.locked) return true;
      await this.#wakeUp.sleep(IDLE_POLL_MS);
    }
    return false;
  }

  async #lead(client: pg.Client, publisher: Publisher): Promise<void> {
    while (!this.#stopping) {
      const { rows } = await client.query<OutboxRow>({
        name: 'relay-pending',
        text: `SELECT seq, event_id, topic, key, envelope::text AS value FROM outbox
               WHERE published_at IS NULL ORDER BY seq LIMIT ${BATCH}`,
      });
      if (rows.length === 0) {
        await this.#wakeUp.sleep(IDLE_POLL_MS);
        continue;
      }
      faultPoint('relay.before-send');
      await publisher.publish(rows.map(toMessage));
      faultPoint('relay.before-mark');
      await client.query({
        name: 'relay-mark',
        text: 'UPDATE outbox SET published_at = clock_timestamp() WHERE seq = ANY($1::bigint[])',
        values: [rows.map((row) => row.seq)],
      });
      relayPublished.inc(rows.length);
      faultPoint('relay.after-mark');
    }
  }
}

const toMessage = (row: OutboxRow): OutboundMessage => ({
  topic: row.topic,
  key: row.key,
  id: row.event_id,
  value: row.value,
});
