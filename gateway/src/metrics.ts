import type { ApolloServerPlugin } from '@apollo/server';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { RequestScope } from './request-scope.js';

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What `GET /metrics` shows. */
export interface GatewayMetrics {
  readonly registry: Registry;
  readonly operations: Histogram<'operation' | 'status'>;
  readonly subgraphRequests: Histogram<'subgraph' | 'status'>;
}

/** A registry of its own, so that two gateways can live in one process. */
export function createMetrics(): GatewayMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const operations = new Histogram({
    name: 'yanxiu_gateway_operation_seconds',
    help: 'GraphQL operations by kind and outcome: ok, partial or failed',
    labelNames: ['operation', 'status'] as const,
    buckets: BUCKETS,
    registers: [registry],
  });
  const subgraphRequests = new Histogram({
    name: 'yanxiu_gateway_subgraph_seconds',
    help: 'Requests to each subgraph by outcome',
    labelNames: ['subgraph', 'status'] as const,
    buckets: BUCKETS,
    registers: [registry],
  });
  return { registry, operations, subgraphRequests };
}

/** Times every operation; labels are a closed set, never what a client wrote. */
export function operationMetrics(metrics: GatewayMetrics): ApolloServerPlugin<RequestScope> {
  return {
    async requestDidStart() {
      const end = metrics.operations.startTimer();
      return {
        async willSendResponse({ operation, response }) {
          const { body } = response;
          if (body.kind !== 'single') return;
          const failed = (body.singleResult.errors?.length ?? 0) > 0;
          const partial = failed && body.singleResult.data != null;
          const status = partial ? 'partial' : failed ? 'failed' : 'ok';
          end({ operation: operation?.operation ?? 'none', status });
        },
      };
    },
  };
}
