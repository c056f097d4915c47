import type { DataSource } from 'typeorm';
import { EnvelopeError, parseEnvelope, type Envelope } from '@yanxiu/contracts/envelope';
import { Inbox } from '@yanxiu/messaging/inbox';
import { systemEnvironment } from '@yanxiu/messaging/environment';
import type { InboundMessage, ReadPositions, Transport } from '@yanxiu/messaging/port';
import type { View } from './view.js';

const BATCH = 200;

/** Last number that the service has taken, by `topic/key`. */
export type Marks = ReadonlyMap<string, number>;

/**
 * What was done about dead letters by hand: the message that took effect in the place of one, by
 * `topic/key/version`, or `topic/partition@position` where that was no event; null: passed over.
 */
export type Resolved = ReadonlyMap<string, string | null>;

export const markOf = (topic: string, key: string): string => `${topic}/${key}`;

interface Turn {
  message: InboundMessage;
  envelope: Envelope;
}

/** Feeds the log to the view's handlers in the shadow, up to what the service itself has taken. */
export class Replay {
  readonly inbox: Inbox;
  /** Read already, but not yet taken by the service when it was. */
  #ahead: Turn[] = [];
  #ends: ReadPositions | undefined;
  #done = 0;

  constructor(
    private readonly shadow: DataSource,
    private readonly transport: Pick<Transport, 'read'>,
    private readonly consumer: string,
    view: View,
    private readonly onProgress: (done: number) => void,
  ) {
    const { handlers } = view;
    const environment = systemEnvironment();
    this.inbox = new Inbox({ consumer, dataSource: shadow, handlers, environment });
  }

  /** Brings the shadow to these marks; how many messages that took. */
  async upTo(marks: Marks, resolved: Resolved): Promise<number> {
    const before = this.#done;
    const waiting = this.#ahead;
    this.#ahead = [];
    await this.#take(waiting, marks, resolved);
    this.#ends = await this.transport.read({
      topics: this.inbox.topics,
      ...(this.#ends && { from: this.#ends }),
      onBatch: async (messages) => {
        await this.#take(turnsOf(messages, resolved), marks, resolved);
      },
    });
    await this.#settle();
    return this.#done - before;
  }

  /** What keeps the shadow from being the view; empty when nothing does. */
  async obstacles(): Promise<string[]> {
    const rows: { what: string }[] = await this.shadow.query(
      `SELECT topic || ' ' || coalesce(key, '') || ' ' || coalesce(version::text, '') || ': ' || detail
         AS what FROM dead_letter
       UNION ALL
       SELECT topic || ' ' || key || ' ' || version || ': ' || reason FROM inbox_held
       UNION ALL
       SELECT topic || ' ' || key || ': a view may emit nothing' FROM outbox
       LIMIT 10`,
    );
    return rows.map(({ what }) => what);
  }

  async #take(turns: readonly Turn[], marks: Marks, resolved: Resolved): Promise<void> {
    let batch: InboundMessage[] = [];
    const flush = async () => {
      if (batch.length > 0) await this.inbox.takeBatch(batch);
      this.#done += batch.length;
      batch = [];
      this.onProgress(this.#done);
    };
    for (const turn of turns) {
      const { message, envelope } = turn;
      const { subject, aggregateversion: version } = envelope;
      const key = markOf(message.topic, subject);
      if (version > (marks.get(key) ?? 0)) {
        this.#ahead.push(turn);
        continue;
      }
      const resolution = resolved.get(`${key}/${version}`);
      if (resolution === null) {
        await flush();
        await this.#passOver(message.topic, subject, version);
      } else {
        // A message of another topic or partition must not share a batch.
        const last = batch.at(-1);
        if (last && (last.topic !== message.topic || last.partition !== message.partition)) {
          await flush();
        }
        batch.push(resolution === undefined ? message : { ...message, value: resolution });
        if (batch.length === BATCH) await flush();
      }
    }
    await flush();
  }

  /** As the service's own mark went over a discarded event. */
  async #passOver(topic: string, key: string, version: number): Promise<void> {
    await this.#settle();
    await this.shadow.query(
      `INSERT INTO inbox AS i (consumer, topic, key, version) VALUES ($1, $2, $3, $4)
       ON CONFLICT (consumer, topic, key) DO UPDATE SET version = $4 WHERE i.version = $4 - 1`,
      [this.consumer, topic, key, version],
    );
  }

  /** Tries what is held until nothing more comes of it. */
  async #settle(): Promise<void> {
    do {
      await this.shadow.query('UPDATE inbox_held SET next_try_at = clock_timestamp()');
    } while ((await this.inbox.retryHeld(1_000)) > 0);
  }
}

/** The events among messages. What is none was taken by nobody, unless in a corrected form. */
const turnsOf = (messages: readonly InboundMessage[], resolved: Resolved): Turn[] =>
  messages.flatMap((message) => {
    const value = resolved.get(`${message.topic}/${message.partition}@${message.position}`);
    // Discarded by its place: no event, or not of its topic's owner.
    if (value === null) return [];
    const turn = readable(message);
    if (turn) return [turn];
    const corrected = value ? readable({ ...message, value }) : null;
    return corrected ? [corrected] : [];
  });

function readable(message: InboundMessage): Turn | null {
  try {
    return { message, envelope: parseEnvelope(message.value) };
  } catch (error) {
    if (error instanceof EnvelopeError) return null;
    throw error;
  }
}
