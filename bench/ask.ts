import assert from 'node:assert/strict';
import { execute, parse, validate, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { DataSource } from 'typeorm';
import type { Actor } from '@yanxiu/subgraph/actor';
import { serviceSdl } from '@yanxiu/subgraph/sdl';
import { subgraphSchema } from '@yanxiu/subgraph/server';
import { testContext } from '@yanxiu/testkit/context';
import { service } from '../services/hours/src/subgraph.js';

const schema: GraphQLSchema = subgraphSchema(
  serviceSdl(new URL('../services/hours/src', import.meta.url).pathname),
  service.slices.flatMap((slice) => (slice.resolvers ? [slice.resolvers] : [])),
);

/** Documents as the server keeps them: parsed and validated when they come for the first time. */
const documents = new Map<string, DocumentNode>();

function documentOf(source: string): DocumentNode {
  const known = documents.get(source);
  if (known) return known;
  const document = parse(source);
  assert.deepEqual(validate(schema, document), []);
  documents.set(source, document);
  return document;
}

/** Who asks what of hours, and when. */
export interface Asked {
  /** Within the scope that the answer is held to. */
  db: DataSource;
  actor: Actor;
  now: Date;
  source: string;
  variables?: Record<string, unknown>;
}

/** What hours answers by its own schema, as in production. */
export async function ask({ db, actor, now, source, variables }: Asked): Promise<object> {
  const contextValue = { ...testContext({ service: 'hours', db, actor, now }), db };
  const document = documentOf(source);
  const variableValues = variables ?? {};
  const answer = await execute({ schema, document, variableValues, contextValue });
  assert.equal(answer.errors, undefined);
  assert.ok(answer.data);
  return answer.data;
}
