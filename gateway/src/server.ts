import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { CredentialSigner, ensureGatewayKey } from '@yanxiu/subgraph/gateway-credential';
import { ensureLocalIssuer } from '@yanxiu/subgraph/local-issuer';
import { createTokenVerifier } from '@yanxiu/subgraph/token';
import type { TokenVerifier } from '@yanxiu/subgraph/token';
import express from 'express';
import type { Express } from 'express';
import type { Logger } from 'pino';
import { openRedisCache } from './cache.js';
import type { RedisCache } from './cache.js';
import { ConfigError, hasLocalIssuer } from './config.js';
import type { GatewayConfig } from './config.js';
import { SubgraphDataSource } from './data-source.js';
import { createFormatError } from './errors.js';
import { graphqlHandlers } from './graphql-route.js';
import type { Guarding } from './graphql-route.js';
import { lastResort, localHostOnly, securityHeaders, sendError } from './guards.js';
import { readiness } from './health.js';
import { plainErrorStatus } from './http-status.js';
import { createMetrics, operationMetrics } from './metrics.js';
import type { GatewayMetrics } from './metrics.js';
import { operationGuard } from './operation-guard.js';
import { pageRoutes } from './pages-route.js';
import { readManifest } from './persisted-operations.js';
import { RateGuard } from './rate-limit.js';
import type { RequestScope } from './request-scope.js';
import { Roles } from './roles.js';
import { tokenRoutes } from './token-route.js';

/** A gateway that answers. */
export interface RunningGateway {
  readonly url: string;
  /** Takes no more requests, lets the running ones end, closes every connection. */
  stop(): Promise<void>;
}

const PERSISTED_QUERY_TTL_SECONDS = 86_400;
/** Node looks every 30 s whether a client is too slow, unless it is told otherwise. */
const CONNECTIONS = { connectionsCheckingInterval: 2_000 };
/** How long a stop waits for requests that still run. */
const DRAIN_MS = 8_000;

/** Starts over whatever subgraphs answer at the moment; the others may come later. */
export async function startGateway(config: GatewayConfig, log: Logger): Promise<RunningGateway> {
  const metrics = createMetrics();
  const sources: SubgraphDataSource[] = [];
  const supergraphSdl = await readSupergraph(config);
  const verifier = await openVerifier(config);
  const credentials = await openCredentials(config);
  const cache =
    config.redisUrl === null
      ? null
      : await openRedisCache(config.redisUrl, config.limits.redisStartMs, log);
  const apollo = createApollo(config, { supergraphSdl, cache, credentials, metrics, sources, log });
  await apollo.start();
  const rates = new RateGuard(config.limits.rates, cache?.redis ?? null);
  const operations = await readManifest(config.operationsFile);
  const { limits, freeQueries } = config;
  const roles = new Roles(() => sources.find(({ name }) => name === 'personnel'));
  const guarding = { verifier, roles, rates, limits, operations, freeQueries, log };
  const app = createApp(config, apollo, guarding, metrics);
  const { headersMs: headersTimeout, requestMs: requestTimeout } = limits;
  const http = createServer({ headersTimeout, requestTimeout, ...CONNECTIONS }, app);
  await listen(http, config);
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    async stop() {
      await closeHttp(http);
      await apollo.stop();
      await Promise.all(sources.map((source) => source.close()));
      cache?.close();
    },
  };
}

async function readSupergraph(config: GatewayConfig): Promise<string> {
  if (config.supergraphSdl !== undefined) return config.supergraphSdl;
  try {
    return await readFile(config.supergraphFile, 'utf8');
  } catch {
    throw new ConfigError(`no ${config.supergraphFile}: run "npm run compose" once`);
  }
}

async function openVerifier(config: GatewayConfig): Promise<TokenVerifier> {
  const { audience, oidcIssuer, oidcRoles: roles, dataDir } = config;
  if (oidcIssuer === null) {
    return createTokenVerifier({ kind: 'local', audience, ...(await ensureLocalIssuer(dataDir)) });
  }
  try {
    return await createTokenVerifier({ kind: 'oidc', issuer: oidcIssuer, audience, roles });
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error));
  }
}

async function openCredentials(config: GatewayConfig): Promise<CredentialSigner> {
  const file = config.gatewayKeyFile ?? (await ensureGatewayKey(config.dataDir)).keyFile;
  try {
    return await CredentialSigner.open(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      `GATEWAY_KEY_FILE: no private key in ${file} (${why}): ` +
        'make one with "node infra/make-secrets.mjs" or name another file',
    );
  }
}

interface ApolloParts {
  readonly supergraphSdl: string;
  readonly credentials: CredentialSigner;
  readonly cache: RedisCache | null;
  readonly metrics: GatewayMetrics;
  readonly sources: SubgraphDataSource[];
  readonly log: Logger;
}

function createApollo(config: GatewayConfig, parts: ApolloParts): ApolloServer<RequestScope> {
  const { supergraphSdl, credentials, cache, metrics, sources, log } = parts;
  const { limits, subgraphUrls } = config;
  const gateway = new ApolloGateway({
    supergraphSdl,
    logger: log,
    buildService: ({ name, url }) => {
      const target = subgraphUrls[name] ?? url;
      if (target === undefined) throw new ConfigError(`no URL for the subgraph ${name}`);
      const source = new SubgraphDataSource(name, target, { credentials, limits, log, metrics });
      sources.push(source);
      return source;
    },
  });
  return new ApolloServer<RequestScope>({
    gateway,
    cache: cache ?? 'bounded',
    persistedQueries: { ttl: PERSISTED_QUERY_TTL_SECONDS },
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    formatError: createFormatError(log),
    logger: log,
    plugins: [
      operationMetrics(metrics),
      operationGuard(limits.cost),
      plainErrorStatus(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}

function createApp(
  config: GatewayConfig,
  apollo: ApolloServer<RequestScope>,
  guarding: Guarding,
  metrics: GatewayMetrics,
): Express {
  const { limits, subgraphUrls } = config;
  const app = express();
  app.disable('x-powered-by');
  if (hasLocalIssuer(config)) app.use(localHostOnly);
  app.use(securityHeaders);
  app.get('/health/live', (_req, res) => {
    res.json({ status: 'live' });
  });
  app.get('/health/ready', async (_req, res) => {
    const state = await readiness(subgraphUrls, limits.readinessTimeoutMs);
    res
      .status(state.missing.length === 0 ? 200 : 503)
      .set('cache-control', 'no-store')
      .json(state);
  });
  app.get('/metrics', async (_req, res) => {
    res.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  const body = express.json({ limit: limits.bodyBytes });
  app.use('/graphql', body, ...graphqlHandlers(apollo, guarding));
  if (hasLocalIssuer(config)) app.use('/auth', tokenRoutes(config));
  app.use(pageRoutes(config));
  app.use((_req, res) => {
    sendError(res, 404, 'NOT_FOUND', 'there is nothing at this address; start at /');
  });
  app.use(lastResort(guarding.log));
  return app;
}

async function listen(http: Server, { port, host }: GatewayConfig): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new ConfigError(`PORT ${port} is taken: set PORT to a free one`) : error);
    });
    http.listen(port, host, resolve);
  });
}

async function closeHttp(http: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const impatient = setTimeout(() => http.closeAllConnections(), DRAIN_MS);
    http.close(() => {
      clearTimeout(impatient);
      resolve();
    });
  });
}
