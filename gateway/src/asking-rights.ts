import type { Actor, Role } from '@yanxiu/subgraph/actor';

/** Who may send a document of their own; everyone else names an operation of a client. */
export type FreeQueries = 'everyone' | 'analysts';

/** Their work is to ask, and their token decides nothing in the province's business. */
const ASKERS: ReadonlySet<Role> = new Set<Role>(['ANALYST', 'AUDITOR', 'PLATFORM']);
/** Officers read the schema in the explorer beside the examples, which are persisted. */
const READERS: ReadonlySet<Role> = new Set<Role>([...ASKERS, 'OFFICER']);

export const isAsker = (actor: Actor | null): boolean => actor !== null && ASKERS.has(actor.role);

export const mayAskFreely = (actor: Actor | null, setting: FreeQueries): boolean =>
  setting === 'everyone' || isAsker(actor);

/** Whether the actor may see the schema: by introspection, or by what an error suggests. */
export const maySeeSchema = (actor: Actor | null): boolean =>
  actor !== null && READERS.has(actor.role);
