import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Consumer } from '@yanxiu/messaging/consumer';
import { replayEnvironment, type Environment } from '@yanxiu/messaging/environment';
import type { Actor } from './actor.js';
import type { Context } from './context.js';
import type { Logger } from './log.js';
import { scopedTo } from './scoped-database.js';

/** A command as the generator calls it: the same function that a mutation's resolver calls. */
export type SeedCommand = (context: Context, input: never) => Promise<unknown>;

/** What the generator sends over the process's IPC channel. */
export type SeedRequest =
  | { id: number; kind: 'status' }
  | {
      id: number;
      kind: 'command';
      /** ISO instant at which the command is given. */
      at: string;
      actor: Actor | null;
      command: string;
      /** Its `idempotencyKey` makes a repeated seeding harmless. */
      input: unknown;
    };

export type SeedResponse =
  | { id: number; ok: true; result: unknown }
  | { id: number; ok: false; error: string; extensions?: unknown }
  | { kind: 'ready' };

interface SeedSurroundings {
  service: string;
  db: DataSource;
  log: Logger;
  consumer: Consumer;
}

/**
 * Lets the parent process call commands in-process, at times of its choosing (history, not
 * clients).
 */
export class SeedRole {
  #at = new Date(0);
  readonly environment: Environment = replayEnvironment(() => this.#at);

  constructor(
    private readonly commands: Readonly<Record<string, SeedCommand>>,
    private readonly log: Logger,
  ) {}

  listen(surroundings: SeedSurroundings): void {
    const send = (message: SeedResponse) => void process.send?.(message);
    // One at a time: the clock is that of the command at hand.
    let queue = Promise.resolve();
    process.on('message', (request: SeedRequest) => {
      queue = queue.then(async () => {
        try {
          send({ id: request.id, ok: true, result: await this.#answer(request, surroundings) });
        } catch (error) {
          const { message, extensions } = error as Error & { extensions?: unknown };
          send({
            id: request.id,
            ok: false,
            error: message,
            ...(extensions ? { extensions } : {}),
          });
        }
      });
    });
    send({ kind: 'ready' });
  }

  async #answer(request: SeedRequest, { service, db, consumer }: SeedSurroundings) {
    if (request.kind === 'status') {
      const rows: { pending: number }[] = await db.query(
        'SELECT count(*)::int AS pending FROM outbox WHERE published_at IS NULL',
      );
      return { outbox: rows[0]?.pending ?? 0, ...(await consumer.status()) };
    }
    const run = this.commands[request.command];
    if (!run) throw new Error(`${service} has no seed command "${request.command}"`);
    this.#at = new Date(request.at);
    const context: Context = {
      service,
      db: scopedTo(db, request.actor),
      environment: this.environment,
      actor: request.actor,
      subject: request.actor?.subject ?? null,
      refusal: null,
      locale: 'zh',
      requestId: randomUUID(),
      log: this.log,
    };
    // The generator and the command agree on the input by the command's own name.
    return run(context, request.input as never);
  }
}
