import { UserError } from '../data-lock.js';
import { endpointOf } from '../import/connect.js';
import type { Lang } from '../import/text.js';
import { personaToken } from '../token.js';
import type { Env } from '../up-config.js';

export interface GatewayOptions {
  url?: string;
  token?: string;
  persona?: string;
  lang?: Lang;
}

export interface GatewayError {
  message: string;
  path?: (string | number)[];
  extensions?: { code?: string; rule?: string };
}

export interface Answer {
  data: Record<string, unknown> | null;
  errors: GatewayError[];
}

const ANSWER_MS = 30_000;

/** Asks the gateway that runs on the data folder, as the platform's operator. */
export class DutyClient {
  private constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly lang: Lang,
  ) {}

  static async connect(options: GatewayOptions, env: Env): Promise<DutyClient> {
    const { persona = 'platform', lang = 'en' } = options;
    const token = options.token?.trim() || (await personaToken(persona, {}, env));
    return new DutyClient(await endpointOf(options.url, env), token, lang);
  }

  /** What the platform says, parts that failed included. */
  async ask(query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
    const response = await fetch(this.url, {
      method: 'POST',
      signal: AbortSignal.timeout(ANSWER_MS),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${this.token}`,
        'accept-language': this.lang === 'zh' ? 'zh-CN' : 'en',
      },
      body: JSON.stringify({ query, variables }),
    }).catch((error: Error) => {
      throw new UserError(`the platform does not answer at ${this.url} (${error.message})`);
    });
    const answer = (await response.json().catch(() => null)) as Partial<Answer> | null;
    if (!answer || (!answer.data && !answer.errors)) {
      throw new UserError(`what answers at ${this.url} is not the platform`);
    }
    return { data: answer.data ?? null, errors: answer.errors ?? [] };
  }

  /** As `ask`, where any fault is the end. */
  async insist(query: string, variables: Record<string, unknown> = {}) {
    const { data, errors } = await this.ask(query, variables);
    const [error] = errors;
    if (error) throw new UserError(textOfError(error));
    return data ?? {};
  }
}

/** The message with its rule or code. */
export const textOfError = ({ message, extensions }: GatewayError): string => {
  const name = extensions?.rule ?? extensions?.code;
  return name ? `${message} (${name})` : message;
};
