import { CREDENTIAL_HEADER } from '@yanxiu/subgraph/gateway-credential';
import type { CredentialSigner } from '@yanxiu/subgraph/gateway-credential';
import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { errors, Pool } from 'undici';
import type { Limits } from './config.js';
import type { GatewayMetrics } from './metrics.js';
import { message } from './messages.js';
import type { RequestScope } from './request-scope.js';

type Context = Partial<RequestScope>;
type Options = GraphQLDataSourceProcessOptions<Context>;
type Answer = Awaited<ReturnType<GraphQLDataSource<Context>['process']>>;

/** What a subgraph answers over HTTP. */
interface SubgraphResponse {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** What a data source needs besides the service it speaks to. */
export interface DataSourceTools {
  readonly credentials: Pick<CredentialSigner, 'credentialFor'>;
  readonly limits: Limits;
  readonly log: Logger;
  readonly metrics: GatewayMetrics;
}

/**
 * A subgraph that could not be asked: it is down, too slow, does not speak GraphQL, or does not
 * know this gateway's key.
 */
class SubgraphFailure extends Error {
  override readonly name = 'SubgraphFailure';
  constructor(
    readonly why: 'unreachable' | 'timeout' | 'aborted' | 'answer' | 'refused',
    detail: string,
  ) {
    super(detail);
  }
}

/** Asks one subgraph over a pool of kept-alive connections; every request has an end. */
export class SubgraphDataSource implements GraphQLDataSource<Context> {
  readonly #pool: Pool;
  readonly #path: string;

  constructor(
    readonly name: string,
    url: string,
    private readonly tools: DataSourceTools,
  ) {
    const { origin, pathname, search } = new URL(url);
    const { subgraphConnections, subgraphTimeoutMs } = tools.limits;
    this.#path = pathname + search;
    this.#pool = new Pool(origin, {
      connections: subgraphConnections,
      connectTimeout: Math.min(3_000, subgraphTimeoutMs),
      headersTimeout: subgraphTimeoutMs,
      bodyTimeout: subgraphTimeoutMs,
      keepAliveTimeout: 4_000,
    });
  }

  /** Answers; failures are errors in the answer, so that the rest of the query goes on. */
  async process(options: Options): Promise<Answer> {
    const scope = options.context;
    const end = this.tools.metrics.subgraphRequests.startTimer({ subgraph: this.name });
    try {
      const response = await this.#send(options, scope);
      end({ status: response.errors === undefined ? 'ok' : 'errors' });
      return toAnswer(response);
    } catch (error) {
      end({ status: error instanceof SubgraphFailure ? error.why : 'failed' });
      const { requestId } = scope;
      this.tools.log.warn({ err: error, requestId, subgraph: this.name }, 'subgraph unavailable');
      return { data: null, errors: [unavailable(this.name, scope)] };
    }
  }

  /** Asks what the gateway itself wants to know; null where there is no answer. */
  async ask(query: string, scope: Context): Promise<Record<string, unknown> | null> {
    try {
      return (await this.#send({ request: { query } }, scope)).data ?? null;
    } catch (error) {
      const { requestId } = scope;
      this.tools.log.warn({ err: error, requestId, subgraph: this.name }, 'subgraph unavailable');
      return null;
    }
  }

  async #send({ request }: Pick<Options, 'request'>, scope: Context): Promise<SubgraphResponse> {
    const timeout = AbortSignal.timeout(this.tools.limits.subgraphTimeoutMs);
    const signal = scope.signal === undefined ? timeout : AbortSignal.any([timeout, scope.signal]);
    const { query, variables, operationName } = request;
    const credential = await this.tools.credentials.credentialFor(this.name);
    try {
      const { statusCode, body } = await this.#pool.request({
        method: 'POST',
        path: this.#path,
        headers: {
          ...scope.forwarded,
          [CREDENTIAL_HEADER]: credential,
          'content-type': 'application/json',
          accept: 'application/json',
        },
        body: JSON.stringify({ query, variables, operationName }),
        signal,
      });
      const text = await body.text();
      // The caller's token was verified here: this is about the gateway's own credential.
      if (statusCode === 401) throw new SubgraphFailure('refused', 'it does not know our key');
      return parse(text, statusCode);
    } catch (error) {
      throw asFailure(error, timeout, scope.signal);
    }
  }

  /** Lets running requests end, then closes the connections. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}

function asFailure(error: unknown, timeout: AbortSignal, client?: AbortSignal): SubgraphFailure {
  if (error instanceof SubgraphFailure) return error;
  const detail = error instanceof Error ? error.message : String(error);
  if (client?.aborted === true) return new SubgraphFailure('aborted', 'the client went away');
  const slow =
    timeout.aborted ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError;
  return new SubgraphFailure(slow ? 'timeout' : 'unreachable', detail);
}

function parse(text: string, statusCode: number): SubgraphResponse {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new SubgraphFailure('answer', `HTTP ${statusCode}, not JSON`);
  }
  if (isSubgraphResponse(parsed)) return parsed;
  throw new SubgraphFailure('answer', `HTTP ${statusCode}, neither data nor errors`);
}

function isSubgraphResponse(value: unknown): value is SubgraphResponse {
  if (typeof value !== 'object' || value === null) return false;
  return 'data' in value || ('errors' in value && Array.isArray(value.errors));
}

/** The gateway reads `message`, `path` and `extensions` alone of an error. */
function toAnswer({ data, errors: found }: SubgraphResponse): Answer {
  const body = data ?? null;
  if (found === undefined || found.length === 0) return { data: body };
  return {
    data: body,
    errors: found.map(({ message: text, path, extensions }) => {
      return new GraphQLError(text, { path, extensions });
    }),
  };
}

function unavailable(service: string, { locale = 'en', requestId }: Context): GraphQLError {
  const extensions = { code: 'UNAVAILABLE', service, requestId };
  return new GraphQLError(message('unavailable', locale, service), { extensions });
}
