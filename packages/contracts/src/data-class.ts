import type { TProperties, TSchema } from '@sinclair/typebox';

/**
 * Personal-data class (domain.md §5): P0 none; P1 pseudonymous, a fact about one person (own id,
 * unit, stage, subject). P2 (name, phone, ID number, birth date) is never in an event.
 */
export type DataClass = 'P0' | 'P1';

/** The annotation of a field's schema that names its class. */
export const DATA_CLASS = 'x-data-class';

/** Fields that say nothing of a person. */
export const p0 = <T extends TProperties>(fields: T): T => classified(fields, 'P0');

/** Fields that are facts about one person, without a name. */
export const p1 = <T extends TProperties>(fields: T): T => classified(fields, 'P1');

/** A field at whatever depth below an event's `data`, and its class if it has one. */
export interface FieldClass {
  path: string;
  dataClass: DataClass | undefined;
}

/** Every field of a schema, nested ones as well, e.g. `/entries[]/year`. */
export function fieldClasses(schema: TSchema, path = ''): FieldClass[] {
  const fields = Object.entries((schema['properties'] ?? {}) as TProperties).flatMap(
    ([name, field]) => [
      { path: `${path}/${name}`, dataClass: field[DATA_CLASS] as DataClass | undefined },
      ...fieldClasses(field, `${path}/${name}`),
    ],
  );
  const items = schema['items'] as TSchema | undefined;
  const branches = (schema['anyOf'] ?? []) as TSchema[];
  return [
    ...fields,
    ...(items ? fieldClasses(items, `${path}[]`) : []),
    ...branches.flatMap((branch) => fieldClasses(branch, path)),
  ];
}

/** The highest class of a schema's fields. */
export const classOf = (schema: TSchema): DataClass =>
  fieldClasses(schema).some(({ dataClass }) => dataClass === 'P1') ? 'P1' : 'P0';

function classified<T extends TProperties>(fields: T, dataClass: DataClass): T {
  const entries = Object.entries(fields).map(([name, schema]) => [name, mark(schema, dataClass)]);
  return Object.fromEntries(entries) as T;
}

/** Marks a field and those nested in it that have no class of their own. */
function mark(schema: TSchema, dataClass: DataClass): TSchema {
  const properties = schema['properties'] as TProperties | undefined;
  const items = schema['items'] as TSchema | undefined;
  return {
    ...schema,
    ...(properties && { properties: classified(properties, dataClass) }),
    ...(items?.['properties'] && { items: inside(items, dataClass) }),
    [DATA_CLASS]: schema[DATA_CLASS] ?? dataClass,
  };
}

const inside = (items: TSchema, dataClass: DataClass): TSchema => ({
  ...items,
  properties: classified(items['properties'] as TProperties, dataClass),
});
