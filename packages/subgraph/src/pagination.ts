import { badInput } from './errors.js';

export interface PageArgs {
  first?: number | null;
  after?: string | null;
}

/**
 * A page to read: fetch `limit + 1` rows after `after` (the keyset values of the last row seen).
 */
export interface Page {
  limit: number;
  after: string[] | null;
}

export interface Connection<T> {
  edges: { node: T; cursor: string }[];
  nodes: T[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
}

const MAX_FIRST = 200;
const DEFAULT_FIRST = 50;

/** What a keyset value of a cursor has to look like, so that the database can compare it. */
const KEYS = {
  text: /^[^\0]*$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  integer: /^-?\d{1,9}$/,
  bigint: /^-?\d{1,18}$/,
  instant: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/,
} as const;
type KeyKind = keyof typeof KEYS;

const isKey = (value: unknown, kind: KeyKind | undefined): value is string =>
  typeof value === 'string' &&
  kind !== undefined &&
  KEYS[kind].test(value) &&
  (kind !== 'instant' || !Number.isNaN(Date.parse(value)));

/** Checks `first` (1–200, default 50) and decodes `after` into keyset values of these kinds. */
export function pageOf(args: PageArgs, ...keys: readonly KeyKind[]): Page {
  const limit = args.first ?? DEFAULT_FIRST;
  if (limit < 1 || limit > MAX_FIRST) {
    throw badInput(`first 须在 1 与 ${MAX_FIRST} 之间。`, `first must be from 1 to ${MAX_FIRST}.`);
  }
  return { limit, after: args.after ? decodeCursor(args.after, keys) : null };
}

/** Cursors carry keyset values as text; instants in microseconds as the database prints them. */
export const encodeCursor = (values: readonly string[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url');

function decodeCursor(cursor: string, keys: readonly KeyKind[]): string[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (
      Array.isArray(values) &&
      values.length === keys.length &&
      values.every((value, at): value is string => isKey(value, keys[at]))
    )
      return values;
  } catch {
    // falls through to the one message below
  }
  throw badInput(
    '游标无效，请使用上一页返回的 endCursor。',
    'Bad cursor: use an endCursor as given.',
  );
}

/** Builds the connection from up to `limit + 1` rows. */
export function connectionOf<T>(
  rows: readonly T[],
  page: Page,
  cursorOf: (row: T) => readonly string[],
): Connection<T> {
  const nodes = rows.slice(0, page.limit);
  const edges = nodes.map((node) => ({ node, cursor: encodeCursor(cursorOf(node)) }));
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: rows.length > page.limit,
      hasPreviousPage: page.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
