import { describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery, parse } from 'graphql';
import { DEFAULT_DOCUMENT_LIMITS, isTooLarge } from './document-limits.js';

const limits = DEFAULT_DOCUMENT_LIMITS;
const times = (count: number, make: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => make(n)).join(' ');
const nested = (depth: number, open: string): string =>
  `{ ${times(depth - 1, () => `${open} {`)} a ${'}'.repeat(depth - 1)} }`;
/** Each fragment spreads the next one twice: 2ⁿ fields. */
const bomb = (length: number): string =>
  `{ ...F0 } ${times(length, (n) => `fragment F${n} on T { ...F${n + 1} ...F${n + 1} }`)}
   fragment F${length} on T { a }`;

describe('a document', () => {
  it.each([
    [
      'of the usual kind',
      '{ a { b(first: 10) { c @include(if: true) d: e } } ...F } fragment F on T { a }',
    ],
    ['of the introspection', getIntrospectionQuery({ oneOf: true, descriptions: true })],
    ['as deep as may be', nested(limits.depth, 'a')],
    ['with as many fields as may be', `{ ${times(limits.fields, (n) => `a${n}`)} }`],
    ['with as many aliases as may be', `{ ${times(limits.aliases, (n) => `x${n}: a`)} }`],
    [
      'with as many directives as may be',
      `{ ${times(limits.directives, (n) => `a${n} @skip(if: false)`)} }`,
    ],
    ['with as many commands as may be', `mutation { ${times(limits.commands, (n) => `c${n}`)} }`],
    ['of small fragments', bomb(5)],
  ])('%s is taken', (_what, text) => expect(isTooLarge(parse(text), limits)).toBe(false));

  it.each([
    ['one level deeper', nested(limits.depth + 1, 'a')],
    // Far deeper ones may overflow the parser's stack, which the guard takes for too large as well.
    ['many levels deep', nested(400, 'a')],
    ['of inline fragments in one another', nested(400, '... on T')],
    ['with one field more', `{ ${times(limits.fields + 1, (n) => `a${n}`)} }`],
    ['with one field again and again', `{ ${times(10_000, () => 'a')} }`],
    ['with one alias more', `{ ${times(limits.aliases + 1, (n) => `x${n}: a`)} }`],
    [
      'with one directive more',
      `{ ${times(limits.directives + 1, (n) => `a${n} @skip(if: false)`)} }`,
    ],
    ['with one command more', `mutation { ${times(limits.commands + 1, (n) => `c${n}`)} }`],
    [
      'with commands behind aliases',
      `mutation { ${times(limits.commands + 1, (n) => `l${n}: login`)} }`,
    ],
    ['with many operations', times(limits.operations + 1, (n) => `query q${n} { a }`)],
    [
      'with many fragments',
      `{ a } ${times(limits.fragments + 1, (n) => `fragment F${n} on T { a }`)}`,
    ],
    ['of fragments that double', bomb(40)],
    ['of fragments in a circle', '{ ...A } fragment A on T { ...B } fragment B on T { ...A }'],
  ])('%s is refused', (_what, text) => expect(isTooLarge(parse(text), limits)).toBe(true));

  it('spreads what is not there: that is for the validation', () => {
    expect(isTooLarge(parse('{ ...Missing }'), limits)).toBe(false);
  });
});
