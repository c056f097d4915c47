import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, System } from '@yanxiu/testkit/system';

/** Who sends a command. */
export interface Sender {
  persona: string;
  org?: string;
  /** Which of the persona's accounts; the first when not given. */
  n?: number;
}

export interface Command {
  /** The mutation. */
  name: string;
  /** Its input type. */
  type: string;
  input: Record<string, unknown>;
  /** What is asked of the payload: ids and counts only, so that the same key answers the same. */
  select: string;
  sender: Sender;
  /** Rules by which it may be refused until events of another service have come. */
  waitsFor?: readonly string[];
}

/** One acknowledged command, as the client's own log keeps it. */
export interface Acknowledged {
  key: string;
  command: Command;
  payload: Record<string, unknown>;
  attempts: number;
  /** `performance.now()`. */
  at: number;
}

const ATTEMPT_MS = 20_000;
const PAUSE_MS = 150;
/** Faults that pass: the client repeats with the same key. */
const PASSING = new Set(['UNAVAILABLE', 'INTERNAL']);

export class Refused extends Error {}

/** Sends commands, repeats each with its key until it is acknowledged, and keeps a log of that. */
export class Client {
  readonly acknowledged: Acknowledged[] = [];
  /** Attempts under way now. */
  inFlight = 0;
  /** Attempts that ended without any answer, e.g. because the gateway was killed. */
  broken = 0;
  #count = 0;
  readonly #tokens = new Map<string, Promise<string>>();

  constructor(
    readonly system: System,
    /** Begins every idempotency key. */
    readonly run: string,
    /** How long one command is repeated. */
    readonly patienceMs: number,
  ) {}

  async send<P extends object>(command: Command): Promise<P> {
    const key = `${this.run}-${++this.#count}`;
    const limit = performance.now() + this.patienceMs;
    for (let attempts = 1; ; attempts += 1) {
      const answer = await this.attempt(key, command);
      const payload = answer?.data?.[command.name];
      if (payload && !answer?.errors?.length) {
        this.acknowledged.push({ key, command, payload, attempts, at: performance.now() });
        return payload as P;
      }
      const why = mayRepeat(command, answer);
      if (performance.now() > limit || why !== undefined) {
        throw new Refused(`${command.name} ${key}: ${why ?? JSON.stringify(answer)}`);
      }
      await delay(PAUSE_MS);
    }
  }

  /** One attempt; undefined when no answer came. */
  async attempt(key: string, command: Command) {
    const { name, type, select } = command;
    const query = `mutation($input: ${type}!) { ${name}(input: $input) { ${select} } }`;
    this.inFlight += 1;
    try {
      const response = await fetch(`${this.system.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${await this.#token(command.sender)}`,
        },
        body: JSON.stringify({
          query,
          variables: { input: { ...command.input, idempotencyKey: key } },
        }),
        signal: AbortSignal.timeout(ATTEMPT_MS),
      });
      return (await response.json()) as Answer<Record<string, Record<string, unknown>>>;
    } catch {
      this.broken += 1;
      return undefined;
    } finally {
      this.inFlight -= 1;
    }
  }

  #token({ persona, ...account }: Sender): Promise<string> {
    const id = JSON.stringify([persona, account.org, account.n]);
    let token = this.#tokens.get(id);
    if (!token) {
      token = this.system.token(persona, account);
      this.#tokens.set(id, token);
    }
    return token;
  }
}

/** Undefined when the same command may be sent again; otherwise why not. */
function mayRepeat(
  command: Command,
  answer: Answer<Record<string, unknown>> | undefined,
): string | undefined {
  const error = answer?.errors?.[0];
  if (!error) return undefined;
  const { code, rule } = error.extensions ?? {};
  if (PASSING.has(String(code)) || command.waitsFor?.includes(String(rule))) return undefined;
  return JSON.stringify(error);
}
