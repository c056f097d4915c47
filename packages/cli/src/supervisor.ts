import { spawn, type ChildProcess } from 'node:child_process';
import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { BoundedFile, importantLines } from './child-log.js';
import { PARENT_WATCH } from './parent-watch.js';

export interface ChildSpec {
  name: string;
  /** The program and its arguments, for node. */
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Answers 200 when the child is ready. */
  readyUrl: string;
  logFile: string;
  /** Of node itself, e.g. heap limits. */
  execArgv?: string[];
}

export interface SupervisorOptions {
  /** Warnings and errors of the child and about it, one line each. */
  show: (line: string) => void;
  /** Called with every new pid, `undefined` while there is none. */
  onPid?: (name: string, pid: number | undefined) => void;
  startLimitMs?: number;
  stopLimitMs?: number;
  firstPauseMs?: number;
  longestPauseMs?: number;
}

const POLL_MS = 40;
const OUTPUT_GRACE_MS = 1_000;
/** A child that has run this long starts again with the first, short pause. */
const STEADY_MS = 30_000;

const ended = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

const answers = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const request = get(url, { timeout: 2_000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });

/** Signals the child's whole group, so that nothing that it has started is left either. */
const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** Keeps one child program running: starts it, waits for it, starts it again, stops it. */
export class Supervised {
  readonly name: string;
  readonly #spec: ChildSpec;
  readonly #options: SupervisorOptions;
  readonly #log: BoundedFile;
  readonly #halt = new AbortController();
  #child: ChildProcess;
  #exited: Promise<void>;
  #lastLines: string[] = [];
  #watching: Promise<void> | undefined;

  constructor(spec: ChildSpec, options: SupervisorOptions) {
    this.name = spec.name;
    this.#spec = spec;
    this.#options = options;
    this.#log = new BoundedFile(spec.logFile);
    [this.#child, this.#exited] = this.#spawn();
  }

  get pid(): number | undefined {
    return ended(this.#child) ? undefined : this.#child.pid;
  }

  /** Settles when the child answers; fails when it ends before or takes too long. */
  async ready(signal?: AbortSignal): Promise<void> {
    const limit = Date.now() + (this.#options.startLimitMs ?? 60_000);
    while (!(await answers(this.#spec.readyUrl))) {
      signal?.throwIfAborted();
      if (ended(this.#child)) {
        await this.#exited;
        throw new Error(this.#explain(`${this.name} ended while it was starting`));
      }
      if (Date.now() > limit) {
        const { readyUrl } = this.#spec;
        throw new Error(this.#explain(`${this.name} is not ready in time (${readyUrl})`));
      }
      await delay(POLL_MS);
    }
  }

  /** From now on a child that ends is started again, after a pause that grows. */
  keep(): void {
    this.#watching ??= this.#watch();
  }

  /** Asks the child to end, and makes it end when it does not. */
  async stop(): Promise<void> {
    this.#halt.abort();
    await this.#watching;
    const child = this.#child;
    if (!ended(child)) signalGroup(child, 'SIGTERM');
    const limit = this.#options.stopLimitMs ?? 10_000;
    const force = setTimeout(() => signalGroup(child, 'SIGKILL'), limit);
    await this.#exited;
    clearTimeout(force);
    this.#log.close();
  }

  /** Ends the child at once. */
  kill(): void {
    this.#halt.abort();
    if (!ended(this.#child)) signalGroup(this.#child, 'SIGKILL');
  }

  async #watch(): Promise<void> {
    const { signal } = this.#halt;
    const first = this.#options.firstPauseMs ?? 500;
    const longest = this.#options.longestPauseMs ?? 10_000;
    const halted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve());
    });
    let pause = first;
    for (;;) {
      const since = Date.now();
      await Promise.race([this.#exited, halted]);
      if (signal.aborted) return;
      if (Date.now() - since > STEADY_MS) pause = first;
      const how = this.#child.signalCode ?? `code ${this.#child.exitCode}`;
      this.#options.show(
        `[${this.name}] ENDED UNEXPECTEDLY (${how}); starting it again in ${pause} ms`,
      );
      await delay(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      pause = Math.min(pause * 2, longest);
      [this.#child, this.#exited] = this.#spawn();
    }
  }

  #spawn(): [ChildProcess, Promise<void>] {
    const { args, env, cwd, execArgv = [] } = this.#spec;
    const child = spawn(process.execPath, [...execArgv, ...PARENT_WATCH, ...args], {
      cwd,
      env,
      // A group of its own: Ctrl-C in the terminal is for the supervisor, which stops in order.
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#lastLines = [];
    const show = (line: string): void => {
      this.#lastLines = [...this.#lastLines, line].slice(-8);
      this.#options.show(`[${this.name}] ${line}`);
    };
    for (const [stream, plainText] of [
      [child.stdout, false],
      [child.stderr, true],
    ] as const) {
      const lines = importantLines(plainText, show);
      stream?.on('data', (chunk: Buffer) => {
        this.#log.write(chunk);
        lines(chunk);
      });
    }
    const exited = new Promise<void>((resolve) => {
      child.once('close', () => resolve());
      // What the child has started may hold its output open after its end.
      child.once('exit', () => setTimeout(resolve, OUTPUT_GRACE_MS).unref());
      child.once('error', (error) => {
        show(error.message);
        if (child.pid === undefined) resolve();
      });
    }).then(() => this.#options.onPid?.(this.name, undefined));
    this.#options.onPid?.(this.name, child.pid);
    return [child, exited];
  }

  #explain(what: string): string {
    const lines = this.#lastLines.length > 0 ? `\n${this.#lastLines.join('\n')}` : '';
    return `${what}; its log is ${this.#spec.logFile}${lines}`;
  }
}
