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
import type { Answer, System } from '@yanxiu/testkit/system';

/** What became of a field: shown with a value; empty or null; refused with a code. */
export type Outcome = 'SHOWN' | 'EMPTY' | `REFUSED ${string}`;

/** Literal of an argument, by `Type.field.arg` or, where it is required, by `arg` alone. */
export type Literals = Readonly<Record<string, string>>;

/** What a walk is told of a field, by its name `Type.field`. */
export interface Guide {
  /** Whether what has become of it will stay, wherever it is asked for again. */
  settled(name: string, outcome: Outcome): boolean;
  /** Whether to ask for it; `given` are the arguments for which there is a literal. */
  ask?(name: string, given: readonly string[]): boolean;
  /** Whether to walk into the objects of this type that it has shown. */
  enter?(name: string, target: string): boolean;
  /** The values that it has shown. */
  shown?(name: string, values: readonly unknown[]): void;
  /** Each answer as it came. */
  answered?(text: string, query: string): void;
}

/** A selection of fields from the root to an object, each with its arguments. */
interface Place {
  type: GraphQLObjectType;
  steps: readonly string[];
}

/** A field to ask for at a place. */
interface Asked {
  name: string;
  /** With its arguments; of an object what tells whether it is there. */
  selection: string;
  step: string;
  target: GraphQLObjectType | null;
}

type Field = GraphQLField<unknown, unknown>;

/** Rows of a page: enough to meet one that has a value. */
const ROOT_PAGE = '20';
const PAGE = '5';

/** The graph as the gateway shows it. */
export async function schemaOf(system: System): Promise<GraphQLSchema> {
  const source = getIntrospectionQuery();
  const { data } = await system.gql<IntrospectionQuery>(source, {}, { persona: 'analyst' });
  if (!data) throw new Error('the gateway shows no schema');
  return buildClientSchema(data);
}

/**
 * Asks for every field of the graph that an asker can reach from the root, the fields of an object
 * together. An object that is shown is walked into, once for each field that leads to it, as long
 * as there is something unsettled in it.
 */
export class Walker {
  readonly #outcomes = new Map<string, Outcome>();
  requests = 0;

  constructor(
    private readonly system: System,
    private readonly schema: GraphQLSchema,
    private readonly token: string | undefined,
    private readonly literals: Literals,
    private readonly guide: Guide,
  ) {}

  async walk(): Promise<Map<string, Outcome>> {
    const query = this.schema.getQueryType();
    if (!query) throw new Error('the schema has no queries');
    const queue: Place[] = [];
    for (const field of this.#fieldsOf({ type: query, steps: [] })) {
      queue.push(...(await this.#ask({ type: query, steps: [] }, [field])));
    }
    for (let place = queue.shift(); place; place = queue.shift()) {
      const fields = this.#fieldsOf(place);
      if (fields.length > 0) queue.push(...(await this.#ask(place, fields)));
    }
    return this.#outcomes;
  }

  /** What there is to ask for at a place. */
  #fieldsOf({ type }: Place): Asked[] {
    return Object.values(type.getFields()).flatMap((field) => {
      const name = `${type.name}.${field.name}`;
      const seen = this.#outcomes.get(name);
      if (seen !== undefined && this.guide.settled(name, seen)) return [];
      const args = this.#argumentsOf(type, field);
      if (args === null || !(this.guide.ask?.(name, Object.keys(args)) ?? true)) return [];
      return [askedOf(name, field, args)];
    });
  }

  /** The arguments of a field; null when there is no literal for a required one. */
  #argumentsOf(type: GraphQLObjectType, field: Field): Record<string, string> | null {
    const args: Record<string, string> = {};
    for (const arg of field.args) {
      const literal = this.#literalOf(type, field, arg);
      if (literal !== undefined) args[arg.name] = literal;
      else if (isRequiredArgument(arg)) return null;
    }
    return args;
  }

  #literalOf(type: GraphQLObjectType, field: Field, arg: GraphQLArgument): string | undefined {
    if (arg.name === 'first') return type === this.schema.getQueryType() ? ROOT_PAGE : PAGE;
    const own = this.literals[`${type.name}.${field.name}.${arg.name}`];
    return own ?? (isRequiredArgument(arg) ? this.literals[arg.name] : undefined);
  }

  /**
   * Asks for fields of an object; the objects that they lead to. A refused field may take others
   * with it, so that what is missing for no reason of its own is asked for again without it.
   */
  async #ask(place: Place, fields: readonly Asked[]): Promise<Place[]> {
    const places: Place[] = [];
    let rest = fields;
    while (rest.length > 0) {
      const answer = await this.#send(place, rest);
      const missing: Asked[] = [];
      for (const field of rest) {
        const values = valuesAt(answer.data, namesOf([...place.steps, field.step]));
        const shown = field.target ? values.filter((value) => hasRows(value)) : values;
        if (shown.length === 0) missing.push(field);
        else places.push(...this.#show(place, field, shown));
      }
      rest = this.#explain(place, missing, answer);
      if (rest.length > 1 && rest.length === fields.length) {
        for (const field of rest) places.push(...(await this.#ask(place, [field])));
        break;
      }
    }
    return places;
  }

  #show({ steps }: Place, field: Asked, values: readonly unknown[]): Place[] {
    this.#outcomes.set(field.name, 'SHOWN');
    this.guide.shown?.(field.name, values);
    const { target, step, name } = field;
    if (!target || !(this.guide.enter?.(name, target.name) ?? true)) return [];
    const place = { type: target, steps: [...steps, step] };
    // Pages of one type are met under many fields: each brings its own rows.
    const nodes = getNamedType(target.getFields()['nodes']?.type);
    if (!isObjectType(nodes)) return [place];
    return [place, { type: nodes, steps: [...place.steps, 'nodes'] }];
  }

  /** Notes why fields show nothing; those for which the answer has no reason. */
  #explain({ steps }: Place, missing: readonly Asked[], { errors = [] }: Answer<unknown>): Asked[] {
    const paths = errors.map(({ path, extensions }) => ({
      names: (path ?? []).filter((each) => typeof each === 'string').join('.'),
      code: String(extensions?.['code']),
    }));
    return missing.filter((field) => {
      const own = namesOf([...steps, field.step]).join('.');
      const refusal =
        paths.find(({ names }) => `${names}.`.startsWith(`${own}.`)) ??
        (missing.length === 1 ? paths[0] : undefined);
      if (!refusal && errors.length > 0) return true;
      if (this.#outcomes.get(field.name) !== 'SHOWN') {
        this.#outcomes.set(field.name, refusal ? `REFUSED ${refusal.code}` : 'EMPTY');
      }
      return false;
    });
  }

  async #send({ steps }: Place, fields: readonly Asked[]): Promise<Answer<unknown>> {
    const innermost = fields.map(({ selection }) => selection).join(' ');
    const query = [...steps].reverse().reduce((inner, step) => `${step} { ${inner} }`, innermost);
    this.requests += 1;
    const answer = await this.system.gql<unknown>(`{ ${query} }`, {}, this.token);
    this.guide.answered?.(JSON.stringify(answer), query);
    return answer;
  }
}

function askedOf(name: string, field: Field, args: Record<string, string>): Asked {
  const texts = Object.entries(args).map(([arg, literal]) => `${arg}: ${literal}`);
  const step = texts.length > 0 ? `${field.name}(${texts.join(', ')})` : field.name;
  const named = getNamedType(field.type);
  const target = isObjectType(named) ? named : null;
  if (isLeafType(named)) return { name, step, selection: step, target: null };
  const rows = named.name.endsWith('Connection') ? 'nodes { __typename }' : '__typename';
  return { name, step, selection: `${step} { ${rows} }`, target };
}

/** A page without rows shows nothing. */
const hasRows = (value: unknown): boolean => {
  const { nodes } = value as { nodes?: unknown[] };
  return nodes === undefined || nodes.length > 0;
};

const namesOf = (steps: readonly string[]): string[] =>
  steps.map((step) => step.replace(/\(.*$/s, ''));

/** The values at the end of a path, in all elements of its lists; null is none. */
function valuesAt(value: unknown, names: readonly string[]): unknown[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((each) => valuesAt(each, names));
  const [name, ...rest] = names;
  if (name === undefined) return [value];
  return valuesAt((value as Record<string, unknown>)[name], rest);
}
