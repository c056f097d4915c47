import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Request, RequestHandler } from 'express';
import { parse, print } from 'graphql';
import { ConfigError } from './config.js';
import { isRecord, parametersOf, replaceDocument } from './request-parameters.js';

/** The operations of our own clients: their documents by id, the SHA-256 of the printed text. */
export type Manifest = ReadonlyMap<string, string>;

/** Reads a manifest as `npm run operations` writes it (apollo-persisted-query-manifest). */
export async function readManifest(file: string): Promise<Manifest> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    throw new ConfigError(`no ${file}: run "npm run operations" once`);
  }
  const manifest = new Map<string, string>();
  const listed = isRecord(content) ? content['operations'] : undefined;
  for (const each of Array.isArray(listed) ? listed : []) {
    const { id, body } = each as { id: string; body: string };
    if (idOf(body) !== id) throw new ConfigError(`${file}: ${id} is not the SHA-256 of its body`);
    manifest.set(id, body);
  }
  return manifest;
}

export const idOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What to answer to a request that may not run. */
export interface Refusals {
  /** No client has such an operation. */
  readonly unknown: RequestHandler;
  /** A document of one's own, by who must name one. */
  readonly notFree: RequestHandler;
}

/**
 * Puts the document in place of the id by which a request names an operation of a client: `id`,
 * or `extensions.persistedQuery.sha256Hash`. The very text of one will do as well. Anything else
 * is let through for those who may ask freely.
 */
export function persistedOperations(
  manifest: Manifest,
  mayAskFreely: (req: Request) => boolean,
  refusals: Refusals,
): RequestHandler {
  return (req, res, next) => {
    const { id, query, extensions } = parametersOf(req);
    const named = id ?? hashOf(extensions);
    const known = typeof named === 'string' ? manifest.get(named) : undefined;
    if (known !== undefined && (query === undefined || query === null || isText(query, named))) {
      replaceDocument(req, known);
      next();
    } else if (id !== undefined) void refusals.unknown(req, res, next);
    else if (mayAskFreely(req) || isOperation(query, manifest)) next();
    else void refusals.notFree(req, res, next);
  };
}

function hashOf(extensions: unknown): unknown {
  const persisted = isRecord(extensions) ? extensions['persistedQuery'] : undefined;
  return isRecord(persisted) ? persisted['sha256Hash'] : undefined;
}

const isText = (query: unknown, id: unknown): boolean =>
  typeof query === 'string' && normalisedId(query) === id;

const isOperation = (query: unknown, manifest: Manifest): boolean =>
  typeof query === 'string' && manifest.has(normalisedId(query) ?? '');

/** The id of a text whatever its blanks and comments; null when it is no GraphQL. */
function normalisedId(text: string): string | null {
  try {
    return idOf(print(parse(text, { noLocation: true })));
  } catch {
    return null;
  }
}
