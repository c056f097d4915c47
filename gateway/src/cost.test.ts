import { describe, expect, it } from '@jest/globals';
import { buildSchema, Kind, parse, validate, type FragmentDefinitionNode } from 'graphql';
import { costOf } from './cost.js';

const schema = buildSchema(`
  type Teacher { id: ID!  name: String  unit: OrgUnit  posts: [OrgUnit!]! }
  type TeacherConnection { nodes: [Teacher!]!  totalCount: Int }
  type OrgUnit {
    code: ID!
    teachers(first: Int): TeacherConnection!
    children(first: Int): OrgUnitConnection!
  }
  type OrgUnitConnection { nodes: [OrgUnit!]! }
  type Query { unit: OrgUnit  teachers(ids: [ID!]!): [Teacher]!  code: String }
`);

function cost(text: string, variables: Record<string, unknown> = {}): number {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const fragments: Record<string, FragmentDefinitionNode> = {};
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments[node.name.value] = node;
  }
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error('no operation');
  return costOf(operation, { schema, fragments, variables });
}

describe('what an operation may cost', () => {
  it.each([
    ['nothing for a plain value', '{ code }', 0],
    ['one for an object', '{ unit { code } }', 1],
    ['a page in full', '{ unit { teachers(first: 20) { nodes { id } } } }', 1 + 1 + 20],
    ['the usual page where none is named', '{ unit { teachers { nodes { id } } } }', 1 + 1 + 50],
    [
      'pages within pages',
      '{ unit { children(first: 10) { nodes { teachers(first: 5) { nodes { id } } } } } }',
      1 + 1 + 10 * (1 + 1 + 5),
    ],
    ['each id', '{ teachers(ids: ["a", "b", "c"]) { unit { code } } }', 3 * 2],
    ['ten for another list', '{ unit { teachers(first: 1) { nodes { posts { code } } } } }', 13],
    [
      'a fragment where it is spread',
      '{ unit { ...U ... on OrgUnit { ...U } } } fragment U on OrgUnit { children(first: 3) { nodes { code } } }',
      1 + 2 * (1 + 3),
    ],
  ])('is %s', (_what, text, expected) => expect(cost(text)).toBe(expected));

  it('reads page size and ids from variables', () => {
    const page = 'query ($n: Int) { unit { teachers(first: $n) { nodes { id } } } }';
    expect(cost(page, { n: 100_000 })).toBe(100_002);
    expect(cost(page)).toBe(52);
    const ids = 'query ($ids: [ID!]!) { teachers(ids: $ids) { id } }';
    expect(cost(ids, { ids: Array.from({ length: 10_000 }, String) })).toBe(10_000);
  });
});
