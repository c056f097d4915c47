import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, type DocumentNode } from 'graphql';

const BASE = join(dirname(fileURLToPath(import.meta.url)), 'base.graphql');

/** SDL that every subgraph starts with: federation link, scalars, PageInfo. */
export const baseSdl = (): string => readFileSync(BASE, 'utf8');

/**
 * The whole SDL of a service: base.graphql and `<slice>/schema.graphql` of each folder under
 * `sourceDir`. Throws when two slices define one field, which merging would silently overwrite.
 */
export function serviceSdl(sourceDir: string): string {
  const slices = readdirSync(sourceDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const owners = new Map<string, string>();
  const parts = [baseSdl()];
  for (const slice of slices) {
    const path = join(sourceDir, slice, 'schema.graphql');
    if (!existsSync(path)) continue;
    const sdl = readFileSync(path, 'utf8');
    for (const field of fieldsOf(parse(sdl))) {
      const owner = owners.get(field);
      if (owner) throw new Error(`${field} is defined by the slices ${owner} and ${slice}`);
      owners.set(field, slice);
    }
    parts.push(sdl);
  }
  return parts.join('\n');
}

function fieldsOf(document: DocumentNode): string[] {
  return document.definitions.flatMap((definition) => {
    if (!('fields' in definition) || !('name' in definition)) return [];
    const type = definition.name?.value;
    const stub =
      'directives' in definition &&
      (definition.directives ?? []).some((directive) => directive.name.value === 'key');
    // Two slices may each extend an entity; its key fields are then named by both.
    return (definition.fields ?? [])
      .map((field) => field.name.value)
      .filter((name) => !(stub && (name === 'id' || name === 'code')))
      .map((name) => `${type}.${name}`);
  });
}

type ResolverMap = Record<string, unknown>;

/** Merges the slices' resolvers; throws when two define one field. */
export function mergeResolvers(maps: readonly object[]): ResolverMap {
  const merged: Record<string, Record<string, unknown>> = {};
  for (const map of maps as ResolverMap[]) {
    for (const [type, fields] of Object.entries(map)) {
      if (typeof fields !== 'object' || fields === null || fields.constructor !== Object) {
        merged[type] = fields as Record<string, unknown>;
        continue;
      }
      const target = (merged[type] ??= {});
      for (const [field, resolver] of Object.entries(fields)) {
        if (field in target) throw new Error(`two slices resolve ${type}.${field}`);
        target[field] = resolver;
      }
    }
  }
  return merged;
}
