import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import type { Step } from '@yanxiu/generator/step';
import type { SeedRequest, SeedResponse } from '@yanxiu/subgraph/seed-role';
import { UserError } from './data-lock.js';
import type { Service } from '@yanxiu/contracts/topic-access';

/** What a service still has before it, as its role `seed` tells. */
export interface SeedStatus {
  outbox: number;
  lag: number;
  held: number;
  deadLetters: number;
}

/** A command that a service did not take. */
export class SeedRefusal extends Error {
  constructor(
    message: string,
    readonly extensions: unknown,
  ) {
    super(message);
  }
}

type Answer = Exclude<SeedResponse, { kind: 'ready' }>;
type Question = SeedRequest extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never;

/** One service's process with the roles relay, consume and seed, and the channel to it. */
export class SeedService {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #ready: Promise<void>;
  #fail: (error: Error) => void = () => undefined;
  readonly #failed: Promise<never>;
  #count = 0;
  #stopping = false;

  constructor(
    readonly name: Service,
    place: { root: string; env: NodeJS.ProcessEnv; dataDir: string },
  ) {
    this.#failed = new Promise((_, reject) => (this.#fail = reject));
    this.#failed.catch(() => undefined);
    const logs = path.join(place.dataDir, 'logs');
    mkdirSync(logs, { recursive: true, mode: 0o700 });
    const logFile = path.join(logs, `seed-${name}.log`);
    const log = openSync(logFile, 'a', 0o600);
    this.#child = fork(
      path.join(place.root, 'services', name, 'dist/main.js'),
      ['--roles', 'relay,consume,seed'],
      { cwd: place.root, env: place.env, execArgv: [], stdio: ['ignore', log, log, 'ipc'] },
    );
    closeSync(log);
    this.#child.on('error', (error) => this.#fail(error));
    this.#child.on('exit', (code, signal) => {
      const how = signal ?? `code ${String(code)}`;
      if (!this.#stopping) this.#fail(new UserError(`${name} ended (${how}); see ${logFile}`));
    });
    this.#ready = new Promise((resolve) => {
      this.#child.on('message', (message: SeedResponse) => {
        if ('kind' in message) return resolve();
        this.#waiting.get(message.id)?.(message);
        this.#waiting.delete(message.id);
      });
    });
  }

  ready(): Promise<void> {
    return Promise.race([this.#ready, this.#failed]);
  }

  status(): Promise<SeedStatus> {
    return this.#ask({ kind: 'status' }) as Promise<SeedStatus>;
  }

  /** Gives a command; the service takes them one after the other. */
  run({ at, actor, command }: Step, input: unknown): Promise<unknown> {
    return this.#ask({ kind: 'command', at, actor, command, input });
  }

  async #ask(question: Question): Promise<unknown> {
    this.#count += 1;
    const id = this.#count;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#child.send({ id, ...question }, (error) => error && this.#fail(error));
    const answer = await Promise.race([answered, this.#failed]);
    if (answer.ok) return answer.result;
    throw new SeedRefusal(answer.error, answer.extensions);
  }

  /** Ends the process: in order, and after ten seconds in any case. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#fail(new Error('the seeding is over'));
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      child.kill('SIGTERM');
    });
  }
}
