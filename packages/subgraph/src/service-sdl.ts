import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));

/** What every service offers beside its slices. */
const PARTS = ['duty', 'audit', 'person'] as const;

/**
 * SDL of one of these parts. Its types are the same everywhere, its root fields have the service's
 * name: a subgraph answers for its own database alone.
 */
export const partSdl = (part: (typeof PARTS)[number], service: string): string =>
  readFileSync(join(HERE, part, 'schema.graphql'), 'utf8').replaceAll('SERVICE', service);

/** SDL of all of them. */
export const commonSdl = (service: string): string =>
  PARTS.map((part) => partSdl(part, service)).join('\n');
