import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type IntrospectionQuery,
} from 'graphql';
import type { System } from '@yanxiu/testkit/system';

/** What became of a field: shown with a value; empty or null; refused with a code. */
export type Outcome = 'SHOWN' | 'EMPTY' | `REFUSED ${string}`;

/** Literal of an argument, by `Type.field.arg` or, where it is required, by `arg` alone. */
export type Literals = Readonly<Record<string, string>>;

/** A selection of fields from the root to an object, each with its arguments. */
interface Place {
  type: GraphQLObjectType;
  steps: readonly string[];
}

type Field = GraphQLField<unknown, unknown>;

/** The graph as the gateway shows it. */
export async function schemaOf(system: System): Promise<GraphQLSchema> {
  const source = getIntrospectionQuery();
  const { data } = await system.gql<IntrospectionQuery>(source, {}, { persona: 'analyst' });
  if (!data) throw new Error('the gateway shows no schema');
  return buildClientSchema(data);
}

/**
 * Asks for every field of the graph that an asker can reach from the root, one by one. An object
 * that is shown is walked into, once for each field that leads to it.
 */
export class Walker {
  readonly #outcomes = new Map<string, Outcome>();

  constructor(
    private readonly system: System,
    private readonly schema: GraphQLSchema,
    private readonly token: string | undefined,
    private readonly literals: Literals,
    /** Whether to walk into what a field, `Type.field`, has shown. */
    private readonly enter: (name: string) => boolean,
  ) {}

  async walk(): Promise<Map<string, Outcome>> {
    const query = this.schema.getQueryType();
    if (!query) throw new Error('the schema has no queries');
    const queue: Place[] = [{ type: query, steps: [] }];
    for (let place = queue.shift(); place; place = queue.shift()) {
      queue.push(...(await this.#visit(place)));
    }
    return this.#outcomes;
  }

  /** Asks for the fields of an object; the objects that they lead to. */
  async #visit({ type, steps }: Place): Promise<Place[]> {
    const places: Place[] = [];
    for (const field of Object.values(type.getFields())) {
      const name = `${type.name}.${field.name}`;
      const args = this.#argumentsOf(type, field);
      const seen = this.#outcomes.get(name);
      if (args === null || (seen !== undefined && seen !== 'EMPTY')) continue;
      const target = getNamedType(field.type);
      const path = [...steps, `${field.name}${args}`];
      const outcome = await this.#ask(path, isLeafType(target));
      this.#outcomes.set(name, outcome);
      if (outcome === 'SHOWN' && isObjectType(target) && this.enter(name)) {
        places.push({ type: target, steps: path });
      }
    }
    return places;
  }

  /** `(a: 1)`, or nothing; null when there is no literal for a required argument. */
  #argumentsOf(type: GraphQLObjectType, field: Field): string | null {
    const given = field.args.map((arg) => [arg, this.#literalOf(type, field, arg)] as const);
    const lacks = given.some(([arg, literal]) => literal === undefined && isRequiredArgument(arg));
    if (lacks) return null;
    const texts = given.flatMap(([{ name }, literal]) => (literal ? [`${name}: ${literal}`] : []));
    return texts.length > 0 ? `(${texts.join(', ')})` : '';
  }

  #literalOf(type: GraphQLObjectType, field: Field, arg: GraphQLArgument): string | undefined {
    const own = this.literals[`${type.name}.${field.name}.${arg.name}`];
    return own ?? (isRequiredArgument(arg) ? this.literals[arg.name] : undefined);
  }

  async #ask(path: readonly string[], leaf: boolean): Promise<Outcome> {
    const innermost = leaf ? '' : ' { __typename }';
    const [last = '', ...outer] = [...path].reverse();
    const selection = outer.reduce((inner, step) => `${step} { ${inner} }`, `${last}${innermost}`);
    const { data, errors } = await this.system.gql(`{ ${selection} }`, {}, this.token);
    const names = path.map((step) => step.replace(/\(.*$/s, ''));
    if (isShown(data, names)) return 'SHOWN';
    const [error] = errors ?? [];
    return error ? `REFUSED ${String(error.extensions?.['code'])}` : 'EMPTY';
  }
}

/** Whether there is a value at the end of the path, in any element of its lists. */
function isShown(value: unknown, names: readonly string[]): boolean {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.some((each) => isShown(each, names));
  const [name, ...rest] = names;
  if (name === undefined) return true;
  return isShown((value as Record<string, unknown>)[name], rest);
}
