import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from './log.js';

/** A text shown to people, in both languages. */
export interface Bilingual {
  zh: string;
  en: string;
}

export type Locale = keyof Bilingual;

/** Our own codes; `extensions.code` of every error that a client is meant to understand. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'REFUSED'
  | 'CONFLICT'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'LIMIT_EXCEEDED'
  | 'RATE_LIMITED'
  | 'UNAVAILABLE'
  | 'INTERNAL';

/** What may leave a subgraph or the gateway; every other code becomes INTERNAL. */
export const ALLOWED_CODES: ReadonlySet<string> = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'REFUSED',
  'CONFLICT',
  'IDEMPOTENCY_KEY_REUSED',
  'LIMIT_EXCEEDED',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'INTERNAL',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

interface DomainErrorOptions {
  /** Id of the broken rule (domain.md §4). */
  rule?: string;
  /** Facts that help to mend the input; no personal data. */
  details?: Record<string, unknown>;
}

/** An error that a client is meant to see, in both languages until it is formatted. */
export class DomainError extends GraphQLError {
  readonly text: Bilingual;

  constructor(code: ErrorCode, text: Bilingual, options: DomainErrorOptions = {}) {
    super(text.en, {
      extensions: {
        code,
        ...(options.rule && { rule: options.rule }),
        ...(options.details && { details: options.details }),
      },
    });
    this.text = text;
  }
}

export const badInput = (zh: string, en: string, details?: Record<string, unknown>) =>
  new DomainError('BAD_USER_INPUT', { zh, en }, details ? { details } : {});

export const notFound = (what: Bilingual, id: string) =>
  new DomainError('NOT_FOUND', {
    zh: `找不到${what.zh}：${id}。请核对编号，且须在您的管辖范围内。`,
    en: `No ${what.en} ${id}. Check the id; it must lie within your jurisdiction.`,
  });

export const forbidden = (zh: string, en: string) => new DomainError('FORBIDDEN', { zh, en });

export const unauthenticated = (zh = '请先登录。', en = 'Sign in first: send a bearer token.') =>
  new DomainError('UNAUTHENTICATED', { zh, en });

/** zh when the header asks for Chinese before English, else en. */
export function localeOf(acceptLanguage: string | undefined): Locale {
  const header = (acceptLanguage ?? '').toLowerCase();
  const zh = header.indexOf('zh');
  const en = header.indexOf('en');
  return zh >= 0 && (en < 0 || zh < en) ? 'zh' : 'en';
}

const originalOf = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError ? originalOf(error.originalError) : error;

/** SQLSTATE of a text that PostgreSQL cannot hold: U+0000, as such or in JSON. */
const UNSTORABLE = new Set(['22021', '22P05']);
/** Of JSON that we have written ourselves: half a surrogate pair is in it. */
const ILL_FORMED = { code: '22P02', message: 'invalid input syntax for type json' };

const isUnstorable = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  (UNSTORABLE.has(error.code) ||
    (error.code === ILL_FORMED.code && error.message === ILL_FORMED.message));

/**
 * Formats an error for a client: known codes pass, in the asked language; anything else is logged
 * in full under the request id and leaves as INTERNAL with that id.
 */
export function errorFormatter(context: { log: Logger; requestId: string; locale: Locale }) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const original = originalOf(error);
    const path = formatted.path && { path: formatted.path };
    const locations = formatted.locations && { locations: formatted.locations };
    const { code, rule, details, requestId } = formatted.extensions ?? {};
    if (typeof code === 'string' && code !== 'INTERNAL' && ALLOWED_CODES.has(code)) {
      const message =
        original instanceof DomainError ? original.text[context.locale] : formatted.message;
      return {
        message,
        ...path,
        ...locations,
        extensions: {
          code,
          ...(rule !== undefined && { rule }),
          ...(details !== undefined && { details }),
        },
      };
    }
    if (isUnstorable(original)) {
      const { text } = badInput(
        '文字中有不可用的字符。',
        'A text has a character that is not allowed.',
      );
      return { message: text[context.locale], ...path, extensions: { code: 'BAD_USER_INPUT' } };
    }
    const id = typeof requestId === 'string' ? requestId : context.requestId;
    context.log.error({ err: original, requestId: id, path: formatted.path }, 'unforeseen error');
    return {
      message:
        context.locale === 'zh'
          ? `系统内部错误，请把编号 ${id} 告知运维人员。`
          : `Internal error. Tell the operator this request id: ${id}`,
      ...path,
      extensions: { code: 'INTERNAL', requestId: id },
    };
  };
}
