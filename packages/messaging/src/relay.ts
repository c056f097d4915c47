import pg from 'pg';
import type { Logger } from 'pino';
import { OUTBOX_DAYS, pruneOutbox } from './outbox-retention.js';
import type { OutboundMessage, Publisher, Transport } from './port.js';
import { faultPoint } from './fault-point.js';
import { relayPublished, retries } from './metrics.js';
import { WakeUp } from './wake-up.js';

/** Advisory lock that makes one relay per database the leader. */
const LEADER_LOCK = 7_201_001;
const BATCH = 500;
const IDLE_POLL_MS = 1_000;
const RETRY_MS = 500;
const PRUNE_EVERY_MS = 3_600_000;

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
  /** A snapshot of which there is a newer one: sent late, it would be the last that is read. */
  superseded: boolean;
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
  #pruneAt = 0;
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
    while (!this.#stopping) {
      // The lock, LISTEN and all reading share a connection: who loses it has lost leadership.
      const client = this.#newClient();
      client.on('notification', () => this.#wakeUp.wake());
      try {
        await client.connect();
        if (await this.#becomeLeader(client)) await this.#leadFrom(client);
      } catch (error) {
        if (!this.#stopping) {
          retries.inc({ what: 'relay' });
          this.#options.log.warn({ err: error }, 'relay failed, trying again');
        }
      } finally {
        await client.end().catch(() => {});
      }
      if (!this.#stopping) await this.#wakeUp.sleep(RETRY_MS);
    }
  }

  #newClient(): pg.Client {
    const client = new pg.Client({ connectionString: this.#options.databaseUrl });
    client.on('error', (error) =>
      this.#options.log.warn({ err: error }, 'relay lost its connection'),
    );
    return client;
  }

  async #leadFrom(client: pg.Client): Promise<void> {
    const marker = this.#newClient();
    let publisher: Publisher | undefined;
    try {
      await marker.connect();
      publisher = await this.#options.transport.publisher();
      await client.query('LISTEN outbox');
      await this.#lead(client, marker, publisher);
    } finally {
      await publisher?.close().catch(() => {});
      await marker.end().catch(() => {});
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

  /**
   * A batch is read while the one before it is sent and the one before that is marked. Sending is
   * serial, and nothing is read past what is still under way: the order of each key is that of
   * the outbox.
   */
  async #lead(client: pg.Client, marker: pg.Client, publisher: Publisher): Promise<void> {
    let [former, latest] = [NONE, NONE];
    try {
      while (!this.#stopping) {
        const rows = await pending(client, [...former.seqs, ...latest.seqs]);
        if (rows.length > 0) {
          await Promise.all([latest.sent, former.marked]);
          [former, latest] = [latest, dispatch(marker, publisher, rows)];
        }
        if (rows.length === BATCH) continue;
        await Promise.all([former.marked, latest.marked]);
        await this.#prune(client);
        await this.#wakeUp.sleep(IDLE_POLL_MS);
      }
    } finally {
      await Promise.allSettled([former.marked, latest.marked]);
    }
  }

  async #prune(client: pg.Client): Promise<void> {
    if (performance.now() < this.#pruneAt) return;
    const pruned = await pruneOutbox(client, OUTBOX_DAYS);
    if (pruned === 0) this.#pruneAt = performance.now() + PRUNE_EVERY_MS;
    else this.#wakeUp.wake();
  }
}

/** Rows on their way. */
interface Dispatch {
  seqs: readonly string[];
  sent: Promise<void>;
  marked: Promise<void>;
}

const NONE: Dispatch = { seqs: [], sent: Promise.resolve(), marked: Promise.resolve() };

/** The oldest rows that are not published, without those on their way. */
async function pending(client: pg.Client, underWay: readonly string[]): Promise<OutboxRow[]> {
  const { rows } = await client.query<OutboxRow>({
    name: 'relay-pending',
    text: `SELECT seq, event_id, topic, key, envelope::text AS value,
             CASE WHEN topic LIKE '%.state' THEN version < (
               SELECT v.version FROM outbox_version v
               WHERE v.topic = left(o.topic, -length('.state')) AND v.key = o.key
             ) ELSE false END AS superseded
           FROM outbox o
           WHERE published_at IS NULL AND seq NOT IN (SELECT unnest($1::bigint[]))
           ORDER BY seq LIMIT ${BATCH}`,
    values: [underWay],
  });
  return rows;
}

function dispatch(marker: pg.Client, publisher: Publisher, rows: readonly OutboxRow[]): Dispatch {
  const seqs = rows.map((row) => row.seq);
  faultPoint('relay.before-send');
  const messages = rows.filter((row) => !row.superseded).map(toMessage);
  const sent = messages.length > 0 ? publisher.publish(messages) : Promise.resolve();
  const marked = sent.then(async () => {
    faultPoint('relay.before-mark');
    await marker.query({
      name: 'relay-mark',
      text: 'UPDATE outbox SET published_at = clock_timestamp() WHERE seq = ANY($1::bigint[])',
      values: [seqs],
    });
    relayPublished.inc(rows.length);
    faultPoint('relay.after-mark');
  });
  // Whoever awaits `marked` later hears of it; until then it must not be an unhandled rejection.
  marked.catch(() => {});
  return { seqs, sent, marked };
}

const toMessage = (row: OutboxRow): OutboundMessage => ({
  topic: row.topic,
  key: row.key,
  id: row.event_id,
  value: row.value,
});
