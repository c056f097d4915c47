import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';

/** Values of the right form for the scalars of the graph; they mean nothing in it. */
const SCALARS: Readonly<Record<string, unknown>> = {
  ID: '00000000-0000-7000-8000-000000000000',
  String: 'x',
  Int: 1,
  Float: 1,
  Boolean: false,
  Date: '2026-01-01',
  DateTime: '2026-01-01T00:00:00Z',
  Hours: '1.00',
  Money: '1.00',
  JSON: {},
};

/** A value that the type takes, with every field of an input; `leaf` may give another one. */
export function sampleOf(
  type: GraphQLInputType,
  leaf: (path: string, scalar: string) => unknown = (_path, scalar) => SCALARS[scalar],
  path = '',
  depth = 0,
): unknown {
  if (isNonNullType(type)) return sampleOf(type.ofType, leaf, path, depth);
  if (isListType(type)) return [sampleOf(type.ofType, leaf, `${path}.0`, depth)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (!isInputObjectType(type)) return leaf(path, type.name);
  const fields = Object.values(type.getFields()).filter(
    ({ name, type: of }) => name !== 'idempotencyKey' && (depth < 6 || isNonNullType(of)),
  );
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      sampleOf(field.type, leaf, `${path}.${field.name}`, depth + 1),
    ]),
  );
}

export const scalarOf = (scalar: string): unknown => SCALARS[scalar];

/** A field of the root with all its arguments as variables, and some of what it leads to. */
export function documentFor(kind: 'query' | 'mutation', field: GraphQLField<unknown, unknown>) {
  const { name, args, type } = field;
  const declared = args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
  const given = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const head = declared ? `${kind}(${declared})` : kind;
  return `${head} { ${name}${given ? `(${given})` : ''}${selectionOf(type)} }`;
}

/** The leaves of an object type, and those of the objects that it holds. */
export function selectionOf(type: GraphQLOutputType, depth = 2): string {
  const named = getNamedType(type);
  if (!isObjectType(named) && !isInterfaceType(named)) return '';
  const fields = Object.values(named.getFields())
    .filter(({ args }) => !args.some(isNeeded))
    .flatMap((field) => {
      if (isLeafType(getNamedType(field.type))) return [field.name];
      const below = depth > 0 ? selectionOf(field.type, depth - 1) : '';
      return below ? [field.name + below] : [];
    });
  return fields.length > 0 ? ` { ${fields.join(' ')} }` : ' { __typename }';
}

const isNeeded = ({ type, defaultValue }: GraphQLArgument): boolean =>
  isNonNullType(type) && defaultValue === undefined;

export const fieldsOf = (schema: GraphQLSchema, kind: 'query' | 'mutation') =>
  Object.values(
    (kind === 'query' ? schema.getQueryType() : schema.getMutationType())?.getFields() ?? {},
  );
