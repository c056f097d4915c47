import { GraphQLError } from 'graphql';
import { pino } from 'pino';
import { describe, expect, it } from '@jest/globals';
import { DomainError, errorFormatter, localeOf } from './errors.js';

const lines: string[] = [];
const log = pino({}, { write: (line: string) => void lines.push(line) });
const format = (error: GraphQLError, locale: 'zh' | 'en' = 'en') =>
  errorFormatter({ log, requestId: 'request-7', locale })(error.toJSON(), error);

describe('error formatting', () => {
  it('lets a refusal through with its rule, in the language asked for', () => {
    const refusal = new DomainError(
      'REFUSED',
      { zh: '第一模块须为师德', en: 'ethics first' },
      { rule: 'SCHEME-ETHICS-FIRST' },
    );
    expect(format(refusal).message).toBe('ethics first');
    expect(format(refusal, 'zh').message).toBe('第一模块须为师德');
    expect(format(refusal).extensions).toEqual({ code: 'REFUSED', rule: 'SCHEME-ETHICS-FIRST' });
  });

  it('hides what is unforeseen behind a request id that finds the log line', () => {
    const cause = new Error('duplicate key value violates "teacher_id_number_hash"');
    const wrapped = new GraphQLError(cause.message, { originalError: cause });
    const shown = format(wrapped);
    expect(JSON.stringify(shown)).not.toContain('duplicate key');
    expect(shown.extensions).toEqual({ code: 'INTERNAL', requestId: 'request-7' });
    expect(lines.join('')).toContain('request-7');
    expect(lines.join('')).toContain('duplicate key');
  });

  it.each([
    ['22021', 'invalid byte sequence for encoding "UTF8": 0x00'],
    ['22P05', 'unsupported Unicode escape sequence'],
    ['22P02', 'invalid input syntax for type json'],
  ])('tells of a text that cannot be stored (SQLSTATE %s)', (code, text) => {
    const cause = Object.assign(new Error(text), { code });
    const shown = format(new GraphQLError(cause.message, { originalError: cause }));
    expect(shown.extensions).toEqual({ code: 'BAD_USER_INPUT' });
    expect(shown.message).toBe('A text has a character that is not allowed.');
    for (const [code, text] of [
      ['42703', 'no such column'],
      ['22P02', 'invalid input syntax for type uuid: "x"'],
    ]) {
      const other = Object.assign(new Error(text), { code });
      const hidden = format(new GraphQLError(other.message, { originalError: other }));
      expect(hidden.extensions?.['code']).toBe('INTERNAL');
    }
  });

  it('does not let an unknown code through', () => {
    const odd = new GraphQLError('secret', { extensions: { code: 'ECONNREFUSED' } });
    expect(format(odd).extensions?.['code']).toBe('INTERNAL');
  });

  it.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['en-GB,en', 'en'],
    ['en, zh', 'en'],
    ['*', 'en'],
    [undefined, 'en'],
  ])('Accept-Language %s is answered in %s', (header, locale) =>
    expect(localeOf(header)).toBe(locale),
  );
});
