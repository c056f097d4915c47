import {
  Kind,
  visit,
  type DocumentNode,
  type SelectionSetNode,
  type FragmentDefinitionNode,
} from 'graphql';

/** How much of each thing one GraphQL document may hold; looked at before it is validated. */
export interface DocumentLimits {
  /** Lexical tokens; the parser stops there. */
  readonly tokens: number;
  /** Selection sets in one another, fragments included. */
  readonly depth: number;
  /** Fields of one operation, those of a fragment counted each time it is spread. */
  readonly fields: number;
  readonly aliases: number;
  readonly directives: number;
  readonly operations: number;
  readonly fragments: number;
  /** Root fields of a mutation: each is a command. */
  readonly commands: number;
}

export const DEFAULT_DOCUMENT_LIMITS: DocumentLimits = {
  tokens: 6_000,
  depth: 24,
  fields: 1_500,
  aliases: 60,
  directives: 60,
  operations: 20,
  fragments: 60,
  commands: 5,
};

/** What a selection set comes to when its fragments are written out. */
interface Extent {
  depth: number;
  fields: number;
}

const NOTHING: Extent = { depth: 0, fields: 0 };

/** True when the document holds more than the limits allow. Fragments in a circle count as much. */
export function isTooLarge(document: DocumentNode, limits: DocumentLimits): boolean {
  return exceedsCounts(document, limits) || exceedsExtent(document, limits);
}

function exceedsCounts(document: DocumentNode, limits: DocumentLimits): boolean {
  const counts = { operations: 0, fragments: 0, aliases: 0, directives: 0, commands: 0 };
  visit(document, {
    OperationDefinition: ({ operation, selectionSet }) => {
      counts.operations += 1;
      if (operation === 'mutation') counts.commands += selectionSet.selections.length;
    },
    FragmentDefinition: () => void (counts.fragments += 1),
    Field: ({ alias }) => void (counts.aliases += alias ? 1 : 0),
    Directive: () => void (counts.directives += 1),
  });
  return Object.entries(counts).some(
    ([name, count]) => count > limits[name as keyof typeof counts],
  );
}

function exceedsExtent({ definitions }: DocumentNode, limits: DocumentLimits): boolean {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const known = new Map<string, Extent>();
  const tooMuch: Extent = { depth: limits.depth + 1, fields: limits.fields + 1 };

  const ofFragment = (name: string): Extent => {
    const fragment = fragments.get(name);
    if (!fragment) return NOTHING;
    const before = known.get(name);
    if (before) return before;
    // Whoever comes back here before it is known goes round in a circle.
    known.set(name, tooMuch);
    const extent = ofSelections(fragment.selectionSet);
    known.set(name, extent);
    return extent;
  };

  const ofSelections = ({ selections }: SelectionSetNode): Extent => {
    let { depth, fields } = NOTHING;
    for (const selection of selections) {
      const isField = selection.kind === Kind.FIELD;
      const below =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(selection.name.value)
          : selection.selectionSet
            ? ofSelections(selection.selectionSet)
            : NOTHING;
      depth = Math.max(depth, below.depth);
      fields = Math.min(fields + below.fields + (isField ? 1 : 0), tooMuch.fields);
    }
    return { depth: depth + 1, fields };
  };

  return definitions.some((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION && node.kind !== Kind.FRAGMENT_DEFINITION) {
      return false;
    }
    const { depth, fields } = ofSelections(node.selectionSet);
    return depth > limits.depth || fields > limits.fields;
  });
}
