import { acrossCounties } from './across.js';
import type { Attack } from './attack.js';
import { authority } from './authority.js';
import { documents } from './documents.js';
import { events } from './events.js';
import { files } from './files.js';
import { injection } from './injection.js';
import { objects } from './objects.js';
import { persisted } from './persisted.js';
import { repeats } from './repeats.js';
import { schemaShown } from './schema.js';
import { subgraphs } from './subgraphs.js';
import { tokens } from './tokens.js';
import { transport } from './transport.js';

/** Every attack, in the order in which they run. */
export const allAttacks: readonly Attack[] = [
  ...documents,
  ...schemaShown,
  ...transport,
  ...tokens,
  ...subgraphs,
  ...persisted,
  ...objects,
  ...authority,
  ...acrossCounties,
  ...repeats,
  ...events,
  ...files,
  ...injection,
];
