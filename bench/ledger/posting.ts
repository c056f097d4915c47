import pg from 'pg';
import type { DataSource } from 'typeorm';
import { participationCompleted } from '@yanxiu/contracts/training';
import { systemEnvironment } from '@yanxiu/messaging/environment';
import { Inbox } from '@yanxiu/messaging/inbox';
import type { InboundMessage } from '@yanxiu/messaging/port';
import { messageOf } from '@yanxiu/testkit/events';
import { service } from '../../services/hours/src/subgraph.js';
import { teacherId, unitOf, type Size } from './rows.js';

/** When the run takes place. */
export const NOW = new Date('2025-12-20T04:00:00Z');

const newId = systemEnvironment().ids('posting');

/** Participants of a project. */
const CLASS = 40;

/** Statement and values as they were sent; the name is left out. */
type Sent = [text: string, values: unknown[] | undefined];

/** Postings of teachers who get none elsewhere in the run, in an even spread over the table. */
export class Postings {
  readonly #inbox: Inbox;
  #next = 0;
  #projectId = newId();

  constructor(
    private readonly db: DataSource,
    private readonly size: Size,
  ) {
    this.#inbox = new Inbox({
      consumer: service.name,
      dataSource: db,
      handlers: service.slices.flatMap((slice) => slice.handlers ?? []),
      environment: { ...systemEnvironment(), now: () => NOW },
    });
  }

  /** Finished participations of a day in the last year, each of another teacher. */
  messages(count: number): InboundMessage[] {
    return Array.from({ length: count }, () => {
      // A step that shares no factor with the number of teachers meets each of them once.
      const n = (this.#next++ * 7_919) % this.size.teachers;
      if (this.#next % CLASS === 0) this.#projectId = newId();
      const data = participation(n, this.size, this.#projectId);
      return messageOf(participationCompleted, data.enrolmentId, data, 1);
    });
  }

  /** Postings a second, each in a transaction of its own, over some connections. */
  async alone(messages: readonly InboundMessage[], connections: number): Promise<number> {
    return rate(messages.length, () =>
      spreadOver(messages, connections, async (message) => {
        const outcome = await this.#inbox.take(message);
        if (outcome !== 'applied') throw new Error(`a posting was ${outcome}`);
      }),
    );
  }

  /** Postings a second when some share a transaction, each event acting once. */
  async together(messages: readonly InboundMessage[], batch: number): Promise<number> {
    return rate(messages.length, async () => {
      for (let from = 0; from < messages.length; from += batch) {
        const outcomes = await this.#inbox.takeBatch(messages.slice(from, from + batch));
        if (outcomes.some((each) => each !== 'applied')) throw new Error('not all were applied');
      }
    });
  }

  /** The statements that taking each message sends; what they did is taken back. */
  async recorded(messages: readonly InboundMessage[]): Promise<Sent[][]> {
    const scripts: Sent[][] = [];
    for (const message of messages) {
      const script: Sent[] = [];
      const stop = listen(script);
      try {
        await this.db.transaction(async (manager) => {
          await this.#inbox.takeWithin(manager, message);
          throw new TakenBack();
        });
      } catch (error) {
        if (!(error instanceof TakenBack)) throw error;
      } finally {
        stop();
      }
      scripts.push(script.filter(([text]) => !/^ROLLBACK|^START|^BEGIN/.test(text)));
    }
    return scripts;
  }
}

class TakenBack extends Error {}

/** Notes what any connection of this process sends. */
function listen(script: Sent[]): () => void {
  const original = pg.Client.prototype.query;
  const noting = function (this: pg.Client, ...given: unknown[]): unknown {
    const [query, values] = given;
    if (typeof query === 'string') script.push([query, values as unknown[] | undefined]);
    else if (query && typeof query === 'object' && 'text' in query) {
      const { text, values: own } = query as { text: string; values?: unknown[] };
      script.push([text, own]);
    }
    return Reflect.apply(original, this, given);
  };
  pg.Client.prototype.query = noting as typeof original;
  return () => (pg.Client.prototype.query = original);
}

/** The same statements sent as a script, prepared, one after another, without anything of ours. */
export class Script {
  private constructor(private readonly clients: readonly pg.Client[]) {}

  static async on(url: string, connections: number): Promise<Script> {
    const clients = Array.from({ length: connections }, () => new pg.Client(url));
    for (const client of clients) {
      await client.connect();
      await client.query("SET yanxiu.role = 'SYSTEM'; SET plan_cache_mode = force_generic_plan");
    }
    return new Script(clients);
  }

  async run(scripts: readonly Sent[][]): Promise<number> {
    const free = [...this.clients];
    return rate(scripts.length, () =>
      spreadOver(scripts, free.length, async (script) => {
        const client = free.pop();
        if (!client) throw new Error('no connection is free');
        await client.query('BEGIN');
        for (const [text, values] of script) {
          if (values?.length) await client.query({ text, values, name: nameOf(text) });
          else await client.query(text);
        }
        await client.query('COMMIT');
        free.push(client);
      }),
    );
  }

  async end(): Promise<void> {
    for (const client of this.clients) await client.end();
  }
}

const names = new Map<string, string>();
function nameOf(text: string): string {
  const name = names.get(text) ?? `s${names.size}`;
  names.set(text, name);
  return name;
}

async function spreadOver<T>(
  items: readonly T[],
  workers: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (;;) {
        const item = items[next++];
        if (item === undefined) return;
        await work(item);
      }
    }),
  );
}

async function rate(count: number, work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (count * 1_000) / (performance.now() - started);
}

function participation(n: number, size: Size, projectId: string) {
  const unitCode = unitOf(n, size);
  return {
    enrolmentId: newId(),
    projectId,
    classId: newId(),
    teacherId: teacherId(n),
    unitCode,
    at: '2025-12-20T04:00:00Z',
    participationId: newId(),
    level: 'COUNTY' as const,
    category: 'SUBJECT',
    registrarCode: unitCode.slice(0, 6),
    sessions: [
      {
        sessionId: newId(),
        startsAt: '2025-12-19T01:00:00Z',
        endsAt: '2025-12-19T04:00:00Z',
        modality: 'FACE_TO_FACE' as const,
        plannedMinutes: 180,
        attendedMinutes: 180,
      },
    ],
  };
}
