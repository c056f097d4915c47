import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '@yanxiu/contracts/topic-access';
import type { Stage } from './stage.js';
import { dumpTopics, isSnapshots } from './topics.js';

const SAMPLE_MS = 500;
const DUPLICATES = /^yanxiu_inbox_taken_total\{[^}]*outcome="duplicate"[^}]*\} (\d+)/m;

interface Count {
  /** Events in the outboxes. */
  told: number;
  /** Messages of the topics that hold an event once more. */
  repeated: number;
}

/** What went over the wires while a case ran, in numbers. */
export class Traffic {
  /** Repeated deliveries by process; what one took in its last half second is not counted. */
  readonly #duplicates = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #sampling: Promise<void>;

  private constructor(
    private readonly stage: Stage,
    private readonly before: Count,
  ) {
    this.#sampling = this.#sample();
  }

  static async watch(stage: Stage): Promise<Traffic> {
    return new Traffic(stage, await countEvents(stage));
  }

  /** Ends the watch and tells what it saw. */
  async end(): Promise<string> {
    this.#stop.abort();
    await this.#sampling;
    const { told, repeated } = await countEvents(this.stage);
    const taken = [...this.#duplicates.values()].reduce((sum, count) => sum + count, 0);
    return (
      `${told - this.before.told} events told, ${repeated - this.before.repeated} sent again, ` +
      `at least ${taken} redeliveries recognised`
    );
  }

  async #sample(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await Promise.all(SERVICES.map((service) => this.#ask(service).catch(() => undefined)));
      await delay(SAMPLE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #ask(service: (typeof SERVICES)[number]): Promise<void> {
    const process = (await this.stage.system.running()).services[service];
    if (!process?.url) return;
    const response = await fetch(`${process.url}/metrics`, { signal: AbortSignal.timeout(2_000) });
    const count = DUPLICATES.exec(await response.text())?.[1];
    if (count !== undefined) this.#duplicates.set(`${service} ${process.pid}`, Number(count));
  }
}

async function countEvents(stage: Stage): Promise<Count> {
  let told = 0;
  for (const service of SERVICES) {
    const [row] = await stage.sql<{ count: number }>(
      service,
      "SELECT count(*)::int AS count FROM outbox WHERE NOT topic LIKE '%.state'",
    );
    told += row?.count ?? 0;
  }
  const ids = (await dumpTopics(stage)).flatMap(({ topic, id }) =>
    id === undefined || isSnapshots(topic) ? [] : [id],
  );
  return { told, repeated: ids.length - new Set(ids).size };
}
