import type { Acting } from '@yanxiu/registry/permission';
import { rights } from '@yanxiu/subgraph/permission';
import { actsFor } from '../permission.js';

/** Who may: each unit records its own studies. */
export const may = rights({
  record: (actor: Acting, { unitCode }: { unitCode: string }) => actsFor(actor, unitCode),
});
