import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { parse, type DocumentNode, type GraphQLSchema } from 'graphql';
import { collectDefaultMetrics, register } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { Environment } from '@yanxiu/messaging/environment';
import { guardAccess } from './access-guard.js';
import { actAs, type AssignmentsOf } from './acting.js';
import { localDate } from './calendar.js';
import { recordReads } from './audit/reads.js';
import { throughGateway, withoutStack } from './caller-guard.js';
import type { Context } from './context.js';
import { errorFormatter, localeOf, type DomainError } from './errors.js';
import type { CredentialVerifier } from './gateway-credential.js';
import type { Logger } from './log.js';
import { scalars } from './scalars.js';
import { scopedTo } from './scoped-database.js';
import { mergeResolvers } from './sdl.js';
import type { TokenVerifier } from './token.js';

export interface SubgraphOptions {
  service: string;
  host: string;
  port: number;
  /** Whole SDL of the service, see `serviceSdl`. */
  sdl: string;
  resolvers: readonly object[];
  /** Requests see it within the scope of their actor. */
  db: DataSource;
  environment: Environment;
  verifier: TokenVerifier;
  /** Roles of an account, from the local copy of the registry. */
  assignments: AssignmentsOf;
  /** Tells whether a request comes from the gateway; no other is answered. */
  credentials: Pick<CredentialVerifier, 'accepts'>;
  log: Logger;
  /** Names of what readiness depends on, each with whether it is there. */
  checks(): Promise<Record<string, boolean>>;
}

export interface RunningSubgraph {
  url: string;
  port: number;
  stop(): Promise<void>;
}

/** The executable schema of a service, held to its `@access`. */
export const subgraphSchema = (sdl: string, resolvers: readonly object[]): GraphQLSchema =>
  guardAccess(
    buildSubgraphSchema({
      typeDefs: parse(sdl),
      // Merged from typed slices; the map's precise type is lost in merging.
      resolvers: mergeResolvers([scalars, ...resolvers]) as Parameters<
        typeof buildSubgraphSchema
      >[0] extends { resolvers?: infer R }
        ? R
        : never,
    }),
  );

/**
 * Serves a subgraph: `POST /graphql` to the gateway alone, `GET /health/live`, `/health/ready` and
 * `/metrics` to everyone.
 */
export async function startSubgraph(options: SubgraphOptions): Promise<RunningSubgraph> {
  const app = express();
  const httpServer = createServer(app);
  const apollo = new ApolloServer<Context>({
    schema: subgraphSchema(options.sdl, options.resolvers),
    includeStacktraceInErrorResponses: false,
    introspection: true,
    logger: options.log,
    plugins: [ApolloServerPluginDrainHttpServer({ httpServer }), concludeRequest()],
  });
  await apollo.start();
  app.disable('x-powered-by');
  mountHealth(app, options);
  app.use(
    '/graphql',
    throughGateway(options.credentials, options.log),
    express.json({ limit: '1mb' }),
    expressMiddleware(apollo, {
      context: ({ req }) => contextOf(options, req),
    }),
    withoutStack(options.log),
  );
  await new Promise<void>((resolve, reject) => {
    httpServer.once('error', reject);
    httpServer.listen(options.port, options.host, resolve);
  });
  const { port } = httpServer.address() as AddressInfo;
  return {
    port,
    url: `http://${options.host}:${port}/graphql`,
    stop: () => apollo.stop(),
  };
}

/** The header by which an account with several roles says in which it acts. */
export const ACTING_AS = 'yanxiu-acting-as';

async function contextOf(options: SubgraphOptions, request: IncomingMessage): Promise<Context> {
  const requestId = header(request, 'x-request-id') ?? randomUUID();
  const { db, environment } = options;
  const identity = await options.verifier.verify(header(request, 'authorization'));
  const held = identity ? await options.assignments(db, identity.subject) : [];
  const wanted = header(request, ACTING_AS);
  const acting = actAs(identity, held, localDate(environment.now()), wanted);
  return {
    service: options.service,
    ...acting,
    subject: identity?.subject ?? null,
    db: scopedTo(db, acting.actor),
    environment,
    locale: localeOf(header(request, 'accept-language')),
    requestId,
    log: options.log.child({ requestId }),
  };
}

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

interface Leaving {
  response: { body: { kind: string; singleResult?: SingleResult } };
  document?: DocumentNode;
  errors?: readonly Error[];
  contextValue: Context;
}

interface SingleResult {
  data?: unknown;
  errors?: readonly object[];
}

/**
 * Records what was read of persons, without which the answer does not leave, and formats errors
 * with the request's own locale and id, which Apollo's `formatError` does not see.
 */
function concludeRequest() {
  const willSendResponse = async ({ response, document, errors, contextValue }: Leaving) => {
    const { body } = response;
    if (body.kind !== 'single' || !body.singleResult) return;
    const format = errorFormatter(contextValue);
    try {
      await recordReads(contextValue, document);
    } catch (error) {
      body.singleResult = { errors: [format(error as DomainError, error)] };
      return;
    }
    const result = body.singleResult;
    if (!result.errors) return;
    result.errors = result.errors.map((formatted, index) =>
      format(formatted as Parameters<typeof format>[0], errors?.[index]),
    );
  };
  return { requestDidStart: async () => ({ willSendResponse }) };
}

let defaultMetrics = false;

function mountHealth(app: express.Express, options: SubgraphOptions): void {
  if (!defaultMetrics) collectDefaultMetrics();
  defaultMetrics = true;
  app.get('/health/live', (_request, response) => void response.json({ status: 'live' }));
  app.get('/health/ready', async (_request, response) => {
    const checks = await options.checks();
    const ready = Object.values(checks).every(Boolean);
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not ready', checks });
  });
  app.get('/metrics', async (_request, response) => {
    response.type(register.contentType).send(await register.metrics());
  });
}
