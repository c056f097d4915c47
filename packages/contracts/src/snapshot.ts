import type { JsonSchema, Snapshot } from './compatibility.js';
import type { Published } from './published.js';

/** What the golden snapshot of one version of an event type keeps: `snapshots/<type>.json`. */
export interface GoldenSnapshot extends Snapshot {
  type: string;
  owner: string;
  serves: readonly string[];
  example: unknown;
}

/** The shape of an event type's `data` with what it means, to be put into another document. */
export const dataSchemaOf = ({ type, en, schema }: Published): JsonSchema => ({
  title: type,
  description: en,
  ...(schema as JsonSchema),
});

/** The JSON Schema (2020-12) of an event type's `data`, as others may store it. */
export const jsonSchemaOf = (entry: Published): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: `urn:yanxiu:event:${entry.type}`,
  ...dataSchemaOf(entry),
});

export const snapshotOf = (entry: Published): GoldenSnapshot => ({
  type: entry.type,
  topic: entry.topic,
  key: entry.key,
  owner: entry.owner,
  retention: entry.retention,
  dataClass: entry.dataClass,
  serves: entry.serves,
  schema: jsonSchemaOf(entry),
  example: entry.example,
});
