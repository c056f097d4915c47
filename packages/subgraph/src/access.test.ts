import { describe, expect, it } from '@jest/globals';
import { graphql, parse } from 'graphql';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { DATA_CLASSES, REACH } from './access.js';
import { accessProblems } from './access-guard.js';
import { ROLES, type Role } from './actor.js';
import { baseSdl } from './sdl.js';
import { subgraphSchema } from './server.js';

const SDL = `
type Person @key(fields: "id") @access(data: RECORD) {
  id: ID!
  name: String @access(data: NAME)
  number: String @access(data: IDENTITY)
  salary: Salary
  rule: Rule
}
type Salary @access(data: MONEY) { yuan: Int! }
type Rule @access(data: PUBLIC) { text: String! }
extend type Query { person: Person rule: Rule events: Int @access(data: OPERATION) }
extend type Mutation {
  raise: Salary @access(roles: [FINANCE])
  answer: Rule @access(roles: [ANYONE])
}
`;

const rule = { text: 't' };
const person = { id: '1', name: 'n', number: '7', salary: { yuan: 3 } };
const schema = subgraphSchema(baseSdl() + SDL, [
  {
    Query: { person: () => ({ ...person, rule }), rule: () => rule, events: () => 4 },
    Mutation: { raise: () => ({ yuan: 4 }), answer: () => ({ text: 'a' }) },
    Person: { __resolveReference: () => ({ ...person, rule }) },
  },
]);

/** The data, and the codes of the refusals by path. */
async function ask(role: Role | null, source: string, variableValues = {}) {
  const contextValue = { actor: role && { subject: 's', role, unit: '140000' } };
  const { data, errors } = await graphql({ schema, source, contextValue, variableValues });
  const codes = (errors ?? []).map(
    ({ path, extensions }) => `${path?.join('.')} ${String(extensions['code'])}`,
  );
  return { data: JSON.parse(JSON.stringify(data ?? null)), codes };
}

describe('@access', () => {
  it('shows the classes that a role reaches, and refuses each other field by itself', async () => {
    const source = '{ person { id name number salary { yuan } } rule { text } }';
    expect(await ask('OFFICER', source)).toEqual({
      data: { person, rule: { text: 't' } },
      codes: [],
    });
    expect(await ask('AUDITOR', source)).toMatchObject({
      data: { person: { id: '1', name: 'n', number: null, salary: { yuan: 3 } } },
      codes: ['person.number FORBIDDEN'],
    });
    expect(await ask('TEACHER', source)).toMatchObject({
      data: { person: { number: '7', salary: null } },
      codes: ['person.salary FORBIDDEN'],
    });
    expect(await ask('FINANCE', source)).toMatchObject({
      data: { person: null, rule: { text: 't' } },
      codes: ['person FORBIDDEN'],
    });
  });

  it('asks for a login where nothing is public', async () => {
    expect(await ask(null, '{ person { id } rule { text } events }')).toEqual({
      data: { person: null, rule: { text: 't' }, events: null },
      codes: ['person UNAUTHENTICATED', 'events UNAUTHENTICATED'],
    });
  });

  it('holds on the way by reference too', async () => {
    const source = `query ($r: [_Any!]!) { _entities(representations: $r) {
      ... on Person { id number rule { text } } } }`;
    const r = [{ __typename: 'Person', id: '1' }];
    expect(await ask('ANALYST', source, { r })).toEqual({
      data: { _entities: [{ id: '1', number: null, rule }] },
      codes: ['_entities.0.number FORBIDDEN'],
    });
    // What a person points to is hers, however public it is in itself.
    expect(await ask('PLATFORM', source, { r })).toEqual({
      data: { _entities: [{ id: '1', number: null, rule: null }] },
      codes: ['_entities.0.number FORBIDDEN', '_entities.0.rule FORBIDDEN'],
    });
  });

  it('lets a mutation be used by its roles alone', async () => {
    expect((await ask('FINANCE', 'mutation { raise { yuan } }')).codes).toEqual([]);
    expect((await ask('OFFICER', 'mutation { raise { yuan } }')).codes).toEqual([
      'raise FORBIDDEN',
    ]);
    expect((await ask(null, 'mutation { raise { yuan } }')).codes).toEqual([
      'raise UNAUTHENTICATED',
    ]);
    expect((await ask(null, 'mutation { answer { text } }')).codes).toEqual([]);
  });
});

describe('the schema', () => {
  const problemsOf = (sdl: string) =>
    accessProblems(buildSubgraphSchema({ typeDefs: parse(baseSdl() + sdl) }));

  it('is refused with a type that has no class', () => {
    expect(problemsOf('type Bare { id: ID! } extend type Query { bare: Bare }')).toEqual([
      'Bare has no class: add @access(data: …)',
      'Query.bare has no class of data: add @access(data: …)',
    ]);
  });

  it('is refused with a mutation that names no roles', () => {
    expect(
      problemsOf(`type Done @access(data: PUBLIC) { ok: Int }
        extend type Mutation { act: Done } extend type Query { done: Done }`),
    ).toEqual(['Mutation.act names no roles: add @access(roles: […])']);
  });

  it('is refused by whoever would serve it', () => {
    expect(() => subgraphSchema(`${baseSdl()} extend type Query { bare: Int }`, [])).toThrow(
      'Query.bare has no class of data',
    );
  });

  it('knows the classes and roles of the table, and no others', () => {
    const enumsOf = /enum DataClass[^{]*\{([^}]*)\}[^{]*enum ActingRole[^{]*\{([^}]*)\}/s;
    const [, classes = '', roles = ''] = enumsOf.exec(baseSdl()) ?? [];
    const names = (text: string) => text.match(/^ {2}[A-Z]+$/gm)?.map((line) => line.trim());
    expect(names(classes)).toEqual([...DATA_CLASSES]);
    expect(names(roles)).toEqual(['ANYONE', ...ROLES]);
    expect(Object.keys(REACH).sort()).toEqual(['ANYONE', ...ROLES].sort());
  });
});
