import { Agent, request } from 'undici';
import { ImportError } from './import-error.js';
import { arrayAt, at, type Kind, type RowResult } from './kind.js';
import type { Batch } from './register.js';
import type { Lang, Text } from './text.js';

/** Time as the client sees it; a test has its own. */
export interface Clock {
  now(): number;
  wait(ms: number): Promise<void>;
}

export interface ClientOptions {
  url: string;
  token: string;
  lang: Lang;
  clock: Clock;
  /** Told before each new try. */
  onRetry: (why: Text) => void;
}

const PATIENCE_MS = 30_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
const ANSWER_MS = 15_000;

/** No answer, or none that says what became of the batch: the same batch may be sent again. */
class Unanswered extends Error {
  constructor(readonly text: Text) {
    super(text.en);
  }
}

type Mutation<R> = Kind<string, R>['mutation'];

/** Sends batches to the gateway over one kept-alive connection. */
export class GatewayClient {
  readonly #agent = new Agent({
    connections: 1,
    connect: { timeout: 5_000 },
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
  });

  constructor(private readonly options: ClientOptions) {}

  /** Tries for half a minute, always with the same key, so that nothing is registered twice. */
  register<R>(mutation: Mutation<R>, batch: Batch<R>): Promise<RowResult[]> {
    return this.#untilAnswered(() => this.#send(mutation, batch));
  }

  /** What a question gets, tried for half a minute. */
  ask(query: string, variables: object): Promise<unknown> {
    return this.#untilAnswered(async () => {
      const { status, data } = await this.#data(query, variables);
      if (data === undefined || data === null) throw this.#unknown(status);
      return data;
    });
  }

  async #untilAnswered<T>(attempt: () => Promise<T>): Promise<T> {
    const { clock, onRetry } = this.options;
    let since: number | null = null;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        since ??= clock.now();
        if (clock.now() - since + wait > PATIENCE_MS) {
          throw new ImportError(error.text.zh, error.text.en);
        }
        onRetry(error.text);
        await clock.wait(wait);
      }
    }
  }

  async #send<R>(
    mutation: Mutation<R>,
    { rows, dryRun, idempotencyKey }: Batch<R>,
  ): Promise<RowResult[]> {
    const input = { ...mutation.input(rows, dryRun), ...(!dryRun && { idempotencyKey }) };
    const { status, data } = await this.#data(mutation.text, { input });
    const results = mutation.results(data);
    if (results?.length === rows.length) return results;
    throw this.#unknown(status);
  }

  async #data(query: string, variables: object): Promise<{ status: number; data: unknown }> {
    const { status, text } = await this.#post(JSON.stringify({ query, variables }));
    const answer = parsed(text);
    const [error] = arrayAt(answer, 'errors');
    if (error !== undefined) throw failure(error);
    return { status, data: at(answer, 'data') };
  }

  /** What to make of an answer that is not one of the platform's. */
  #unknown(status: number): Error {
    if (status >= 500 || status === 429) return unanswered(`HTTP ${status}`);
    return new ImportError(
      `地址 ${this.options.url} 的回答不是研修平台的（HTTP ${status}）。`,
      `what answers at ${this.options.url} is not the platform (HTTP ${status})`,
    );
  }

  async #post(body: string): Promise<{ status: number; text: string }> {
    const { url, token, lang } = this.options;
    try {
      const answer = await request(url, {
        method: 'POST',
        dispatcher: this.#agent,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          authorization: `Bearer ${token}`,
          'accept-language': lang === 'zh' ? 'zh-CN' : 'en',
        },
        body,
      });
      return { status: answer.statusCode, text: await answer.body.text() };
    } catch (error) {
      const code = String(at(error, 'code') ?? 'no answer');
      if (code === 'UND_ERR_INVALID_ARG') throw badRequest();
      throw unanswered(code);
    }
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}

const unanswered = (what: string): Unanswered =>
  new Unanswered({ zh: `平台没有应答（${what}）`, en: `the platform does not answer (${what})` });

const badRequest = (): ImportError =>
  new ImportError('--url 或 --token 无效。', 'the --url or the --token cannot be sent');

/** INTERNAL too: a service that dies in the middle leaves it open what became of the batch. */
const failure = (error: unknown): Error => {
  const message = String(at(error, 'message') ?? '');
  const code = String(at(at(error, 'extensions'), 'code') ?? '');
  if (code === 'UNAVAILABLE' || code === 'INTERNAL') return unanswered(`${code}: ${message}`);
  const text = code ? `${message} (${code})` : message;
  return new ImportError(text, text);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
