import { assignmentsOf } from '@yanxiu/registry/assignment';
import type { Identity } from '@yanxiu/subgraph/acting';
import type { Actor } from '@yanxiu/subgraph/actor';
import { CREDENTIAL_HEADER } from '@yanxiu/subgraph/gateway-credential';
import { createLog, type Logger } from '@yanxiu/subgraph/log';
import { serviceSdl } from '@yanxiu/subgraph/sdl';
import { startSubgraph, type RunningSubgraph } from '@yanxiu/subgraph/server';
import { testEnvironment } from '@yanxiu/testkit/context';
import { service } from '../subgraph.js';
import type { World } from './world.js';

/** Stands for the gateway's; the real one is tried in `packages/subgraph`. */
const CREDENTIAL = 'of-the-gateway';

const identityOf = ({ subject, ...claims }: Actor): Identity => ({ subject, claims });

/** Serves the subgraph over a world; `verify` makes the actor of an `authorization` header. */
export const serve = (
  world: World,
  verify: (header: string) => Actor,
  log: Logger = createLog('test', 'silent'),
): Promise<RunningSubgraph> =>
  startSubgraph({
    service: 'evaluation',
    host: '127.0.0.1',
    port: 0,
    sdl: serviceSdl(new URL('..', import.meta.url).pathname),
    resolvers: service.slices.flatMap((slice) => (slice.resolvers ? [slice.resolvers] : [])),
    db: world.db,
    environment: testEnvironment(world.clock),
    verifier: { verify: async (header) => (header ? identityOf(verify(header)) : null) },
    assignments: assignmentsOf,
    credentials: { accepts: async (credential) => credential === CREDENTIAL },
    log,
    checks: async () => ({}),
  });

export interface Answer {
  data?: Record<string, Record<string, unknown> | null> | null;
  errors?: { message: string; extensions: Record<string, unknown> }[];
}

/** Asks a subgraph over HTTP, as the gateway would. */
export async function post(
  url: string,
  query: string,
  variables: object,
  authorization?: string,
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [CREDENTIAL_HEADER]: CREDENTIAL,
      ...(authorization && { authorization }),
    },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}
