import { fileURLToPath } from 'node:url';
import type { FreeQueries } from './asking-rights.js';
import { issuerUrlProblem } from '@yanxiu/subgraph/oidc-discovery';
import { DEFAULT_DOCUMENT_LIMITS } from './document-limits.js';
import type { DocumentLimits } from './document-limits.js';
import type { RateLimits } from './rate-limit.js';

/** The subgraphs behind the gateway. */
export const SUBGRAPHS = ['personnel', 'training', 'hours', 'funding', 'evaluation'] as const;

/** Everything the gateway is told from outside; nothing else reads the environment. */
export interface GatewayConfig {
  readonly port: number;
  readonly host: string;
  readonly mode: 'local' | 'production';
  readonly dataDir: string;
  readonly oidcIssuer: string | null;
  readonly audience: string;
  /** Whether the registry's assignments or the issuer's claims say what an account may act as. */
  readonly oidcRoles: 'assignments' | 'claims';
  /** The gateway's private JWK; the data folder's own when null, never so in production. */
  readonly gatewayKeyFile: string | null;
  readonly redisUrl: string | null;
  /** Where each subgraph answers, by its name: `http://127.0.0.1:PORT/graphql`. */
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly logLevel: string;
  /** The repository: `examples/`, `docs/` and the READMEs are read from here. */
  readonly rootDir: string;
  /** The built pages. */
  readonly pagesDir: string;
  /** The composed supergraph; read from `supergraphFile` when absent. */
  readonly supergraphSdl?: string;
  readonly supergraphFile: string;
  /** The operations of our own clients. */
  readonly operationsFile: string;
  readonly freeQueries: FreeQueries;
  readonly limits: Limits;
}

/** Objects that one operation may bring, as `cost.ts` counts them. */
export interface CostLimits {
  readonly usual: number;
  /** For those whose work is to ask: analysts, auditors, the platform's operators. */
  readonly analyst: number;
}

/** How long the gateway waits, and how much it takes. */
export interface Limits {
  readonly document: DocumentLimits;
  /** Items of one list among the variables. */
  readonly listItems: number;
  readonly cost: CostLimits;
  readonly rates: RateLimits;
  /** Until a client has sent its headers. */
  readonly headersMs: number;
  /** Until a client has sent its whole request. */
  readonly requestMs: number;
  /** Until a request is answered; what is not there by then is left out. */
  readonly answerMs: number;
  readonly bodyBytes: number;
  /** A request to a subgraph, from start to last byte. */
  readonly subgraphTimeoutMs: number;
  readonly subgraphConnections: number;
  readonly readinessTimeoutMs: number;
  /** Finding Redis at start. */
  readonly redisStartMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  document: DEFAULT_DOCUMENT_LIMITS,
  listItems: 2_000,
  cost: { usual: 20_000, analyst: 60_000 },
  rates: { actorPerMinute: 6_000, addressPerMinute: 1_200 },
  headersMs: 10_000,
  requestMs: 30_000,
  answerMs: 30_000,
  bodyBytes: 1024 * 1024,
  subgraphTimeoutMs: 10_000,
  subgraphConnections: 64,
  readinessTimeoutMs: 1_500,
  redisStartMs: 8_000,
};

/** A variable that is missing or wrong; the message names it and says what to set. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Env = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** `env`, checked; throws one {@link ConfigError} that lists everything wrong. */
export function readConfig(env: Env = process.env): GatewayConfig {
  const wrong: string[] = [];
  const mode = oneOf(env, 'YANXIU_MODE', ['local', 'production'], 'local', wrong);
  const roles = oneOf(env, 'OIDC_ROLES', ['assignments', 'claims'], 'assignments', wrong);
  const usual = mode === 'production' ? 'analysts' : 'everyone';
  const free = oneOf(env, 'FREE_QUERIES', ['everyone', 'analysts'], usual, wrong);
  const config: GatewayConfig = {
    port: readPort(env, wrong),
    host: text(env, 'HOST') ?? '127.0.0.1',
    mode: mode === 'production' ? 'production' : 'local',
    dataDir: text(env, 'YANXIU_DATA_DIR') ?? '.yanxiu',
    oidcIssuer: readIssuer(env, wrong),
    audience: text(env, 'OIDC_AUDIENCE') ?? 'yanxiu',
    oidcRoles: roles === 'claims' ? 'claims' : 'assignments',
    gatewayKeyFile: text(env, 'GATEWAY_KEY_FILE'),
    redisUrl: readUrl(env, 'REDIS_URL', ['redis:', 'rediss:'], wrong),
    subgraphUrls: readSubgraphUrls(env, wrong),
    logLevel: oneOf(env, 'LOG_LEVEL', LOG_LEVELS, 'info', wrong),
    rootDir: fileURLToPath(new URL('../../', import.meta.url)),
    pagesDir: fileURLToPath(new URL('../dist/pages/', import.meta.url)),
    supergraphFile: fileURLToPath(new URL('../supergraph.graphql', import.meta.url)),
    operationsFile: fileURLToPath(new URL('../operations/manifest.json', import.meta.url)),
    freeQueries: free === 'everyone' ? 'everyone' : 'analysts',
    limits: DEFAULT_LIMITS,
  };
  if (config.mode === 'production' && config.oidcIssuer === null) {
    wrong.push('OIDC_ISSUER is not set: YANXIU_MODE=production needs the URL of an OIDC issuer');
  }
  if (config.mode === 'production' && config.gatewayKeyFile === null) {
    wrong.push(
      'GATEWAY_KEY_FILE is not set: give the private JWK by which subgraphs know the gateway',
    );
  }
  if (config.mode === 'local' && !LOOPBACK.includes(config.host)) {
    wrong.push(`HOST is "${config.host}": only YANXIU_MODE=production listens beyond 127.0.0.1`);
  }
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'));
  return config;
}

/** True when the gateway itself may give tokens: no OIDC issuer, not in production. */
export function hasLocalIssuer(config: GatewayConfig): boolean {
  return config.mode !== 'production' && config.oidcIssuer === null;
}

function text(env: Env, name: string): string | null {
  const value = env[name]?.trim();
  return value === undefined || value === '' ? null : value;
}

function oneOf(env: Env, name: string, known: string[], fallback: string, wrong: string[]): string {
  const value = text(env, name) ?? fallback;
  if (!known.includes(value)) wrong.push(`${name} is "${value}": set one of ${known.join(', ')}`);
  return value;
}

function readPort(env: Env, wrong: string[]): number {
  const value = text(env, 'PORT') ?? '4000';
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535) {
    wrong.push(`PORT is "${value}": set a port number from 0 (any free one) to 65535`);
  }
  return port;
}

/** A URL may hold a password, so a wrong one is not repeated in the message. */
function readUrl(env: Env, name: string, schemes: string[], wrong: string[]): string | null {
  const value = text(env, name);
  if (value === null) return null;
  if (URL.canParse(value) && schemes.includes(new URL(value).protocol)) return value;
  wrong.push(`${name} is not a URL: set ${schemes.map((each) => `${each}//…`).join(' or ')}`);
  return null;
}

function readIssuer(env: Env, wrong: string[]): string | null {
  const issuer = text(env, 'OIDC_ISSUER');
  const problem = issuer === null ? null : issuerUrlProblem(issuer);
  if (problem !== null) wrong.push(`OIDC_ISSUER ${problem}`);
  return issuer;
}

function readSubgraphUrls(env: Env, wrong: string[]): Record<string, string> {
  const urls: Record<string, string> = {};
  for (const name of SUBGRAPHS) {
    const variable = `SUBGRAPH_URL_${name.toUpperCase()}`;
    const url = readUrl(env, variable, ['http:', 'https:'], wrong);
    if (url !== null) urls[name] = url;
    else if (text(env, variable) === null) {
      wrong.push(`${variable} is not set: give the ${name} subgraph's http://HOST:PORT/graphql`);
    }
  }
  return urls;
}
