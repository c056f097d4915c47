import { setTimeout as delay } from 'node:timers/promises';
import { EnvelopeError, parseEnvelope, type Envelope } from '@yanxiu/contracts/envelope';
import type { InboundMessage, ReadPositions, Transport } from './port.js';
import {
  consumerFacts,
  lastVersions,
  outboxEvents,
  outboxHas,
  placeOf,
  topicsOf,
  type ConsumerFacts,
  type OutboxEvent,
  type ServiceDatabase,
} from './reconcile-facts.js';

const AGAIN_MS = 500;

/** What a consumer made of an event; `waiting`: it has not got there yet. */
export type Fate = 'taken' | 'held' | 'parked' | 'discarded' | 'waiting' | 'missing';

/** Where an event that somebody should have was seen last. */
export type LastSeen =
  /** Marked as published, yet not in the log. */
  | 'relay'
  | 'log'
  /** The consumer's mark for the key has passed its number without it. */
  | 'passed over';

export interface MissingEvent {
  eventId: string;
  topic: string;
  key: string;
  version: number;
  /** Who misses it; null when it is not in the log at all. */
  consumer: string | null;
  lastSeen: LastSeen;
}

export interface TopicReport {
  topic: string;
  publisher: string | null;
  /** Events in the publisher's outbox, and how many of them wait to be published. */
  outbox: number;
  pending: number;
  /** How many of them are in the log. */
  log: number;
  /** Events of the log that no outbox has; not looked for when only newer ones are compared. */
  unknown: number;
  /** Messages of the log that are no events. */
  unreadable: number;
  consumers: ({ consumer: string } & Record<Fate, number>)[];
}

export interface Reconciliation {
  topics: TopicReport[];
  missing: MissingEvent[];
  /** Events still on their way when the time to wait was over. */
  waiting: number;
}

export interface ReconcileOptions {
  services: readonly ServiceDatabase[];
  transport: Transport;
  /** Compares only what was recorded from then on. */
  since: Date | null;
  /** How long to wait for what is on its way. */
  waitMs: number;
  onTopic?(done: number, total: number, topic: string): void;
}

/**
 * Compares, topic by topic, the ids in each publisher's outbox with those in the log and with what
 * each subscribed consumer took. Reads only.
 */
export async function reconcile(options: ReconcileOptions): Promise<Reconciliation> {
  const publishers = new Map<string, ServiceDatabase>();
  const subscribers = new Map<string, ServiceDatabase[]>();
  for (const service of options.services) {
    const { published, subscribed } = await topicsOf(service);
    for (const topic of published) publishers.set(topic, service);
    for (const topic of subscribed) {
      subscribers.set(topic, [...(subscribers.get(topic) ?? []), service]);
    }
  }
  const topics = [...new Set([...publishers.keys(), ...subscribers.keys()])].sort();
  const result: Reconciliation = { topics: [], missing: [], waiting: 0 };
  for (const [done, topic] of topics.entries()) {
    options.onTopic?.(done, topics.length, topic);
    const comparison = new TopicComparison(
      topic,
      publishers.get(topic) ?? null,
      subscribers.get(topic) ?? [],
      options,
    );
    const { report, missing, waiting } = await comparison.run();
    result.topics.push(report);
    result.missing.push(...missing);
    result.waiting += waiting;
  }
  return result;
}

interface Verdict {
  report: TopicReport;
  missing: MissingEvent[];
  waiting: number;
  /** Keys of what is missing or on its way: looked at again. */
  unsettled: Set<string>;
}

class TopicComparison {
  #events = new Map<string, OutboxEvent>();
  /** The oldest number of each key that the outbox still has. */
  readonly #kept = new Map<string, number>();
  readonly #inLog = new Set<string>();
  #ends: ReadPositions | undefined;
  readonly #facts = new Map<string, ConsumerFacts>();
  /** Ids of the log that the outbox did not have when it was read. */
  readonly #unknown = new Set<string>();
  #unreadable = 0;

  constructor(
    private readonly topic: string,
    private readonly publisher: ServiceDatabase | null,
    private readonly subscribers: readonly ServiceDatabase[],
    private readonly options: ReconcileOptions,
  ) {}

  /** What is on its way, or seems lost, is looked at again until the time to wait is over. */
  async run(): Promise<Verdict> {
    const { since, waitMs } = this.options;
    const limit = performance.now() + waitMs;
    if (this.publisher) {
      this.#events = await outboxEvents(this.publisher.client, this.topic, since);
      for (const { key, version } of this.#events.values()) {
        this.#kept.set(key, Math.min(version, this.#kept.get(key) ?? version));
      }
    }
    await this.#readLog();
    await this.#readConsumers(null);
    await this.#forgetNewer();
    let verdict = await this.#judge();
    while (verdict.unsettled.size > 0 && performance.now() < limit) {
      await delay(AGAIN_MS);
      await this.#readPublished();
      await this.#readLog();
      await this.#readConsumers([...verdict.unsettled]);
      await this.#forgetNewer();
      verdict = await this.#judge();
    }
    return verdict;
  }

  async #readPublished(): Promise<void> {
    const pending = [...this.#events.values()].filter(({ published }) => !published);
    if (!this.publisher || pending.length === 0) return;
    const ids = pending.map(({ eventId }) => eventId);
    for (const id of await outboxHas(this.publisher.client, ids, 'published')) {
      const event = this.#events.get(id);
      if (event) event.published = true;
    }
  }

  /** What was recorded after the outbox had been read is no matter of this comparison. */
  async #forgetNewer(): Promise<void> {
    if (!this.publisher || this.#unknown.size === 0) return;
    const ids = await outboxHas(this.publisher.client, [...this.#unknown], 'recorded');
    for (const id of ids) this.#unknown.delete(id);
  }

  async #readLog(): Promise<void> {
    this.#ends = await this.options.transport.read({
      topics: [this.topic],
      ...(this.#ends && { from: this.#ends }),
      onBatch: (messages) => this.#seeInLog(messages),
    });
  }

  async #seeInLog(messages: readonly InboundMessage[]): Promise<void> {
    const strangers: Envelope[] = [];
    for (const { value } of messages) {
      const envelope = eventIn(value);
      if (!envelope) this.#unreadable += 1;
      else if (this.#events.has(envelope.id)) this.#inLog.add(envelope.id);
      else if (this.options.since === null) strangers.push(envelope);
    }
    for (const { id } of await this.#withoutForgotten(strangers)) this.#unknown.add(id);
  }

  /** Outboxes forget what was published long ago: of a key, its oldest events. */
  async #withoutForgotten(strangers: readonly Envelope[]): Promise<readonly Envelope[]> {
    if (!this.publisher) return strangers;
    const keys = strangers.map(({ subject }) => subject).filter((key) => !this.#kept.has(key));
    const last =
      keys.length > 0
        ? await lastVersions(this.publisher.client, this.topic, [...new Set(keys)])
        : new Map<string, number>();
    return strangers.filter(({ subject: key, aggregateversion: version }) => {
      const oldest = this.#kept.get(key);
      return oldest === undefined ? version > (last.get(key) ?? 0) : version >= oldest;
    });
  }

  async #readConsumers(keys: readonly string[] | null): Promise<void> {
    for (const subscriber of this.subscribers) {
      const facts = this.#facts.get(subscriber.service);
      const earlier = facts && keys ? { facts, keys } : undefined;
      this.#facts.set(subscriber.service, await consumerFacts(subscriber, this.topic, earlier));
    }
  }

  async #judge(): Promise<Verdict> {
    const events = [...this.#events.values()];
    const verdict: Verdict = {
      report: {
        topic: this.topic,
        publisher: this.publisher?.service ?? null,
        outbox: events.length,
        pending: events.filter(({ published }) => !published).length,
        log: this.#inLog.size,
        unknown: this.#unknown.size,
        unreadable: this.#unreadable,
        consumers: [],
      },
      missing: [],
      waiting: 0,
      unsettled: new Set(),
    };
    const note = (event: OutboxEvent, consumer: string | null, lastSeen: LastSeen) => {
      const { eventId, key, version } = event;
      verdict.missing.push({ eventId, topic: this.topic, key, version, consumer, lastSeen });
      verdict.unsettled.add(key);
    };
    for (const event of events) {
      if (this.#inLog.has(event.eventId)) continue;
      if (event.published) note(event, null, 'relay');
      else {
        verdict.waiting += 1;
        verdict.unsettled.add(event.key);
      }
    }
    for (const { service } of this.subscribers) await this.#judgeConsumer(service, verdict, note);
    return verdict;
  }

  async #judgeConsumer(
    consumer: string,
    verdict: Verdict,
    note: (event: OutboxEvent, consumer: string, lastSeen: LastSeen) => void,
  ): Promise<void> {
    const facts = this.#facts.get(consumer);
    if (!facts) return;
    const counts = { taken: 0, held: 0, parked: 0, discarded: 0, waiting: 0, missing: 0 };
    const behind = (await this.options.transport.lag(consumer, [this.topic])) > 0;
    for (const event of this.#events.values()) {
      if (!this.#inLog.has(event.eventId)) continue;
      const fate = fateOf(event, facts, behind);
      counts[fate] += 1;
      if (fate === 'waiting') {
        verdict.waiting += 1;
        verdict.unsettled.add(event.key);
      } else if (fate === 'missing') {
        const passed = event.version <= (facts.marks.get(event.key) ?? 0);
        note(event, consumer, passed ? 'passed over' : 'log');
      }
    }
    verdict.report.consumers.push({ consumer, ...counts });
  }
}

function fateOf(event: OutboxEvent, facts: ConsumerFacts, behind: boolean): Fate {
  const place = placeOf(event);
  if (facts.taken.has(event.eventId)) return 'taken';
  if (facts.discarded.has(place)) return 'discarded';
  if (facts.parked.has(place)) return 'parked';
  if (facts.held.has(place)) return 'held';
  const passed = event.version <= (facts.marks.get(event.key) ?? 0);
  if (passed) return event.old ? 'taken' : 'missing';
  return behind ? 'waiting' : 'missing';
}

function eventIn(value: string): Envelope | null {
  try {
    return parseEnvelope(value);
  } catch (error) {
    if (error instanceof EnvelopeError) return null;
    throw error;
  }
}
