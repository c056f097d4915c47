import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import type { Environment } from '@yanxiu/messaging/environment';
import type { Actor, Role } from './actor.js';
import { permit } from './decision.js';
import { unauthenticated, type DomainError, type Locale } from './errors.js';
import type { Logger } from './log.js';
import { inRole } from './permission.js';

/** What a resolver, query or command knows of the request at hand. */
export interface Context {
  /** Name of the service. */
  readonly service: string;
  /** Null for a caller without a token, and for an account that may not act here. */
  readonly actor: Actor | null;
  /** The account that the token proves; null without a token. */
  readonly subject: string | null;
  /** Why an account may not act, e.g. because it has to say which of its roles it acts in. */
  readonly refusal: DomainError | null;
  /** What the actor reaches; a query that forgets its filter finds no more (row-security.ts). */
  readonly db: DataSource;
  readonly environment: Environment;
  readonly locale: Locale;
  readonly requestId: string;
  readonly log: Logger;
}

/** Domain time of the request. */
export const nowOf = (context: Context): Date => context.environment.now();

/**
 * The actor; UNAUTHENTICATED without one, FORBIDDEN when its role is not among `roles` (if any).
 */
export function requireActor(
  context: Pick<Context, 'actor'> & Partial<Pick<Context, 'refusal'>>,
  ...roles: Role[]
): Actor {
  const { actor, refusal } = context;
  if (!actor) throw refusal ?? unauthenticated();
  if (roles.length > 0) permit(inRole(actor, ...roles));
  return actor;
}

/** Loads the values of many keys at once, in the order of the keys; null where there is none. */
export type Batch<K, V> = (context: Context, keys: readonly K[]) => Promise<(V | null)[]>;

const loaders = new WeakMap<Context, Map<unknown, unknown>>();

/** Loads one key through a DataLoader of this request; `batch` identifies the loader. */
export function load<V>(context: Context, batch: Batch<string, V>, key: string): Promise<V | null> {
  let ofRequest = loaders.get(context);
  if (!ofRequest) loaders.set(context, (ofRequest = new Map()));
  let loader = ofRequest.get(batch) as DataLoader<string, V | null> | undefined;
  if (!loader) {
    loader = new DataLoader((keys) => batch(context, keys), { maxBatchSize: 1_000 });
    ofRequest.set(batch, loader);
  }
  return loader.load(key);
}

/** Puts rows into the order of the keys, for a {@link Batch}. */
export function inOrder<V>(
  keys: readonly string[],
  rows: readonly V[],
  keyOf: (row: V) => string,
): (V | null)[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.map((key) => byKey.get(key) ?? null);
}

/** Groups rows under the keys they belong to, for a {@link Batch} of lists. */
export function grouped<V>(
  keys: readonly string[],
  rows: readonly V[],
  keyOf: (row: V) => string,
): V[][] {
  const byKey = new Map<string, V[]>(keys.map((key) => [key, []]));
  for (const row of rows) byKey.get(keyOf(row))?.push(row);
  return keys.map((key) => byKey.get(key) ?? []);
}
