import {
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  isInterfaceType,
  Kind,
  type ArgumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

/** Page size where the caller names none, as `packages/subgraph/src/pagination.ts` has it. */
const PAGE = 50;
/** Items counted for a list that is no page. */
const LIST = 10;

interface Costing {
  schema: GraphQLSchema;
  fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  variables: Readonly<Record<string, unknown>>;
}

/**
 * How many objects an operation may bring, each page counted in full: `first` of a connection, the
 * ids that are asked for, or an assumed length. The operation must be valid.
 */
export function costOf(operation: OperationDefinitionNode, costing: Costing): number {
  const root = costing.schema.getRootType(operation.operation);
  return root ? costOfSelections(operation.selectionSet, root, PAGE, costing) : 0;
}

function costOfSelections(
  { selections }: SelectionSetNode,
  parent: GraphQLNamedType,
  page: number,
  costing: Costing,
): number {
  let cost = 0;
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      cost += costOfField(selection, parent, page, costing);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const name = selection.typeCondition?.name.value;
      const type = name === undefined ? parent : (costing.schema.getType(name) ?? parent);
      cost += costOfSelections(selection.selectionSet, type, page, costing);
    } else {
      const fragment = costing.fragments[selection.name.value];
      const type = fragment && costing.schema.getType(fragment.typeCondition.name.value);
      if (fragment && type) cost += costOfSelections(fragment.selectionSet, type, page, costing);
    }
  }
  return cost;
}

function costOfField(
  node: FieldNode,
  parent: GraphQLNamedType,
  page: number,
  costing: Costing,
): number {
  const field = fieldOf(parent, node.name.value);
  if (!field || !node.selectionSet) return 0;
  const type = getNamedType(field.type);
  if (!isCompositeType(type)) return 0;
  const ofConnection = parent.name.endsWith('Connection');
  const size = sizeOf(node, field, costing);
  const times = isList(field.type) ? (size ?? (ofConnection ? page : LIST)) : 1;
  return times * (1 + costOfSelections(node.selectionSet, type, size ?? PAGE, costing));
}

function fieldOf(parent: GraphQLNamedType, name: string): GraphQLField<unknown, unknown> | null {
  if (!isObjectType(parent) && !isInterfaceType(parent)) return null;
  return parent.getFields()[name] ?? null;
}

const isList = (type: GraphQLOutputType): boolean =>
  isListType(type) || (isNonNullType(type) && isListType(type.ofType));

/** What the field's arguments say of its length: `first`, or a list of what is asked for. */
function sizeOf(
  { arguments: given = [] }: FieldNode,
  field: GraphQLField<unknown, unknown>,
  { variables }: Costing,
): number | null {
  let size: number | null = null;
  for (const argument of given) {
    const value = valueOf(argument, variables);
    if (argument.name.value === 'first' && typeof value === 'number') size = Math.max(0, value);
    if (Array.isArray(value) && isList(field.type)) size = Math.max(size ?? 0, value.length);
  }
  return size;
}

function valueOf({ value }: ArgumentNode, variables: Costing['variables']): unknown {
  const plain = (node: ValueNode): unknown => {
    if (node.kind === Kind.VARIABLE) return variables[node.name.value];
    if (node.kind === Kind.INT) return Number(node.value);
    return node.kind === Kind.LIST ? node.values : null;
  };
  return plain(value);
}
