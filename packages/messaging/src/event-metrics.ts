import { Gauge, register, type Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { Logger } from 'pino';
import type { Transport } from './port.js';

/** Scrapes within this time share one measurement. */
const FRESH_MS = 10_000;
/** A scrape waits no longer for a measurement; one that is late serves the next. */
const PATIENCE_MS = 3_000;
/** Rows are counted no further: an alert does not need the exact depth of a flood. */
const COUNTED = 100_000;

export interface EventMetricsOptions {
  /** Name of the service, of its consumer and of its group. */
  consumer: string;
  topics: readonly string[];
  dataSource: DataSource;
  transport: Pick<Transport, 'partitionLags'>;
  log: Logger;
  registry?: Registry;
  /** Milliseconds; a test has its own. */
  clock?: () => number;
}

interface Figures {
  pending: number;
  outboxAge: number;
  held: number;
  heldAge: number;
  dead: number;
}

const FIGURES = `SELECT
  (SELECT count(*)::int FROM (
     SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT ${COUNTED}) AS p) AS pending,
  coalesce((SELECT extract(epoch FROM clock_timestamp() - recorded_at)::float8 FROM outbox
     WHERE published_at IS NULL ORDER BY seq LIMIT 1), 0) AS "outboxAge",
  (SELECT count(*)::int FROM inbox_held WHERE consumer = $1) AS held,
  coalesce((SELECT extract(epoch FROM clock_timestamp() - min(held_at))::float8
     FROM inbox_held WHERE consumer = $1), 0) AS "heldAge",
  (SELECT count(*)::int FROM dead_letter
     WHERE consumer = $1 AND resolved_at IS NULL) AS dead`;

/**
 * Measures, when it is scraped, what waits in this service's outbox and before its consumer. A
 * figure that cannot be had is left out, so that an old one is never taken for the present.
 */
export function measureEvents(options: EventMetricsOptions): void {
  const { consumer, topics, dataSource, transport } = options;
  const registers = [options.registry ?? register];
  const figures = shared(options, async () => {
    const rows: Figures[] = await dataSource.query(FIGURES, [consumer]);
    return rows[0] ?? null;
  });
  const lags = shared(options, () => transport.partitionLags(consumer, topics));
  const gauge = (name: string, help: string, of: (all: Figures) => number) =>
    new Gauge({
      ...{ name, help, registers },
      async collect() {
        const all = await figures();
        if (all) this.set(of(all));
        else this.remove();
      },
    });
  gauge('yanxiu_outbox_pending', 'Events that wait to be published.', (all) => all.pending);
  gauge(
    'yanxiu_outbox_oldest_seconds',
    'How long the oldest of them has waited; 0 when none does.',
    (all) => all.outboxAge,
  );
  gauge('yanxiu_inbox_held', 'Events set aside until others are there.', (all) => all.held);
  gauge(
    'yanxiu_inbox_held_oldest_seconds',
    'How long the oldest of them has waited; 0 when none does.',
    (all) => all.heldAge,
  );
  gauge('yanxiu_dead_letters', 'Dead letters that nobody has resolved.', (all) => all.dead);
  if (topics.length === 0) return;
  new Gauge({
    name: 'yanxiu_consumer_lag',
    help: 'Messages of a topic that the consumer has not taken.',
    labelNames: ['topic'] as const,
    registers,
    async collect() {
      this.reset();
      for (const { topic, lag } of (await lags()) ?? []) this.inc({ topic }, lag);
    },
  });
}

/** One measurement at a time, for all who ask while it is fresh; null when it fails or is late. */
function shared<T>(
  { log, clock = () => performance.now() }: EventMetricsOptions,
  measure: () => Promise<T>,
): () => Promise<T | null> {
  let running: Promise<T | null> | undefined;
  let value: T | null = null;
  let freshUntil = -Infinity;
  return async () => {
    if (clock() < freshUntil) return value;
    running ??= measure()
      .catch((error: unknown) => {
        log.warn({ err: error }, 'events could not be measured');
        return null;
      })
      .then((measured) => {
        value = measured;
        freshUntil = clock() + FRESH_MS;
        running = undefined;
        return measured;
      });
    return Promise.race([running, late()]);
  };
}

const late = (): Promise<null> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(null), PATIENCE_MS).unref();
  });
