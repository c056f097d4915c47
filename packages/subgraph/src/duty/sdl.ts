import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TEMPLATE = join(dirname(fileURLToPath(import.meta.url)), 'schema.graphql');

/**
 * SDL of a service's tools for whoever is on duty. Its types are the same everywhere, its root
 * fields have the service's name: a subgraph answers for its own database alone.
 */
export const dutySdl = (service: string): string =>
  readFileSync(TEMPLATE, 'utf8').replaceAll('SERVICE', service);
