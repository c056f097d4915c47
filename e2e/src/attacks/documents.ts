import assert from 'node:assert/strict';
import { answered, codesOf, nothing, refused, times, type Attack } from './attack.js';

const ASKED = '{ policyInstruments { citation } }';
const nested = (depth: number, open: string, inner: string): string =>
  `{ orgUnit(code: "140000") ${open.repeat(depth)} ${inner} ${'}'.repeat(depth)} }`;

/** Refused for its size in words that tell neither limit nor schema; then a plain question. */
const tooLarge = (name: string, query: string): Attack => ({
  name,
  async run(field) {
    for (const persona of ['analyst', undefined]) {
      const got = await field.ask(query, persona === undefined ? {} : { persona });
      refused(got, 400, 'LIMIT_EXCEEDED');
      assert.doesNotMatch(got.text, /\d{2,}|token|depth|alias|fragment|OrgUnit/i);
      answered(await field.ask(ASKED, persona === undefined ? {} : { persona }));
    }
  },
});

const logins = times(100, (n) => `a${n}: signEvaluationToken(input: $input) { __typename }`);

export const documents: readonly Attack[] = [
  tooLarge('depth 50', nested(50, '{ parent ', '{ code }')),
  tooLarge('depth 1,000', nested(1_000, '{ parent ', '{ code }')),
  tooLarge('2,000 nested inline fragments', nested(2_000, '{ ... ', '{ code }')),
  tooLarge('1,000 aliases', `{ ${times(1_000, (n) => `a${n}: policyInstruments { citation }`)} }`),
  tooLarge('aliased logins', `mutation($input: SignEvaluationTokenInput!) { ${logins} }`),
  tooLarge(
    '500 directives',
    `{ policyInstruments ${'@skip(if: false) '.repeat(500)} { citation } }`,
  ),
  tooLarge('one field 10,000 times', `{ policyInstruments { ${'citation '.repeat(10_000)} } }`),
  tooLarge(
    'a fragment cycle',
    '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
  ),
  tooLarge(
    'a fragment bomb',
    `{ ...F0 } ${times(40, (n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)}
     fragment F40 on Query { policyInstruments { citation } }`,
  ),
  {
    name: 'an array of operations in one request',
    async run(field) {
      refused(
        await field.post(JSON.stringify([{ query: ASKED }, { query: ASKED }])),
        400,
        'BAD_REQUEST',
      );
      answered(await field.post(JSON.stringify({ query: ASKED })));
    },
  },
  {
    name: 'an alias __proto__, constructor or toString',
    async run(field) {
      for (const alias of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
        const got = await field.ask(`{ ${alias}: policyInstruments { citation } }`);
        assert.ok(got.status < 500, got.text);
        assert.ok(!codesOf(got).includes('INTERNAL'), got.text);
      }
      const plain = await field.post('{"query":"{ __typename }","__proto__":{"actor":"x"}}');
      assert.deepEqual(answered(plain), { __typename: 'Query' });
      const polluted = await field.ask('query($v: Date) { policies(on: $v) { key } }', {
        variables: JSON.parse('{"v":"2026-01-01","__proto__":{"first":100000}}') as unknown,
      });
      answered(polluted);
    },
  },
  {
    name: 'variables 100,000 deep',
    async run(field) {
      const deep = '['.repeat(100_000) + ']'.repeat(100_000);
      const query = 'query($v: Date) { policies(on: $v) { key } }';
      const body = `{"query":${JSON.stringify(query)},"variables":{"v":${deep}}}`;
      refused(await field.post(body), 400, 'LIMIT_EXCEEDED');
      answered(await field.ask(query, { variables: { v: '2026-01-01' } }));
    },
  },
  {
    name: 'pages of 100,000, of -1, of 201, and within each other',
    async run(field) {
      const page = (first: number) => `{ orgUnits(first: ${first}) { nodes { code } } }`;
      for (const first of [-1, 0, 201]) {
        nothing(await field.ask(page(first), { persona: 'analyst' }), 'BAD_USER_INPUT');
      }
      refused(await field.ask(page(100_000), { persona: 'analyst' }), 400, 'LIMIT_EXCEEDED');
      const query = 'query($n: Int = 100000) { orgUnits(first: $n) { nodes { code } } }';
      refused(await field.ask(query, { persona: 'analyst' }), 400, 'LIMIT_EXCEEDED');
      answered(await field.ask(page(200), { persona: 'analyst' }));
    },
  },
  {
    name: '10,000 ids',
    async run(field) {
      const ids = Array.from({ length: 10_000 }, (_, n) => String(n));
      const input = { classId: 'x', teacherIds: ids };
      const query =
        'mutation($input: NominateTeachersInput!) { nominateTeachers(input: $input) { __typename } }';
      const by = field.county(0);
      refused(await field.ask(query, { ...by, variables: { input } }), 400, 'LIMIT_EXCEEDED');
      const inline = query
        .replace('($input: NominateTeachersInput!)', '')
        .replace('$input', `{ classId: "x", teacherIds: ${JSON.stringify(ids)} }`);
      refused(await field.ask(inline, by), 400, 'LIMIT_EXCEEDED');
      const few = { ...input, teacherIds: ids.slice(0, 2) };
      nothing(
        await field.ask(query, { ...by, variables: { input: few } }),
        'NOT_FOUND',
        'BAD_USER_INPUT',
      );
    },
  },
  {
    name: 'a page within a page within a page',
    async run(field) {
      const pages = (first: number) => `{ trainingProjects(first: ${first}) { nodes {
        enrolments(first: ${first}) { nodes { teacher { id } } } } } }`;
      refused(await field.ask(pages(200), field.county(0)), 400, 'LIMIT_EXCEEDED');
      answered(await field.ask(pages(20), field.county(0)));
      answered(await field.ask(pages(150), { persona: 'analyst' }));
    },
  },
];
