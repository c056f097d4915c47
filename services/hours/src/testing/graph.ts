import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { graphql } from 'graphql';
import type { Actor } from '@yanxiu/subgraph/actor';
import type { Locale } from '@yanxiu/subgraph/errors';
import { serviceSdl } from '@yanxiu/subgraph/sdl';
import { subgraphSchema } from '@yanxiu/subgraph/server';
import { testContext } from '@yanxiu/testkit/context';
import { service } from '../subgraph.js';
import { SCHOOL, type Province } from './province.js';

const schema = subgraphSchema(
  serviceSdl(dirname(fileURLToPath(service.mainUrl))),
  service.slices.flatMap((slice) => (slice.resolvers ? [slice.resolvers] : [])),
);

export const officer = (unit: string): Actor => ({ subject: 'o', role: 'OFFICER', unit });
export const teacher = (id: string): Actor => ({
  subject: 't',
  role: 'TEACHER',
  unit: SCHOOL,
  teacher: id,
});
export const platform: Actor = { subject: 'p', role: 'PLATFORM', unit: '140000' };
export const staff = (institution: string): Actor => ({
  subject: 'i',
  role: 'INSTITUTION',
  unit: '140400',
  institution,
});

/** Asks the subgraph as an actor; an unforeseen error is thrown, of the others the code is told. */
export async function ask(
  { db, clock }: Province,
  actor: Actor | null,
  source: string,
  variableValues: Record<string, unknown> = {},
  locale: Locale = 'en',
) {
  const contextValue = testContext({ service: 'hours', db, actor, now: clock, locale });
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
  const unforeseen = errors?.find((error) => !error.extensions['code']);
  if (unforeseen) throw unforeseen.originalError ?? unforeseen;
  const { code, rule } = errors?.[0]?.extensions ?? {};
  return { data: JSON.parse(JSON.stringify(data ?? null)), code, rule };
}

/** An entity of the graph as an actor sees it; `fields` is what is selected of it. */
export async function entity(
  province: Province,
  actor: Actor | null,
  type: string,
  id: string,
  fields: string,
) {
  const { data } = await ask(
    province,
    actor,
    `query ($r: [_Any!]!) { _entities(representations: $r) { ... on ${type} { ${fields} } } }`,
    { r: [{ __typename: type, id }] },
  );
  return data._entities[0];
}
