import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { GraphQLField } from 'graphql';
import { answered, codesOf, nothing, type Attack } from './attack.js';
import type { Field, Sending } from './field.js';
import { MUTATION_ROLES, PERSONA_OF } from './mutation-roles.js';
import { documentFor, fieldsOf, sampleOf, scalarOf } from './sample.js';

const PAYLOADS = [
  "' OR '1'='1",
  "x'; SELECT pg_sleep(8); --",
  "%' UNION SELECT version(), NULL --",
  '1); DROP TABLE teacher; --',
  '\\',
  '\u0000',
  '\ud800',
  '"}]) { __typename } x: orgUnit(code: "140000") { code } #',
];
/** What a statement that sleeps would take; no answer of ours does. */
const SLEPT_MS = 7_000;
const CLOSED_TYPES = ['Int', 'Float', 'Boolean'];

type Root = GraphQLField<unknown, unknown>;

/** The places in the arguments of a field that take a text. */
function openings({ args }: Root): string[] {
  const paths: string[] = [];
  for (const { name, type } of args) {
    sampleOf(type, (path, scalar) => {
      if (!CLOSED_TYPES.includes(scalar)) paths.push(name + path);
      return scalarOf(scalar);
    });
  }
  return paths;
}

const withPayload = ({ args }: Root, at: string, payload: string) =>
  Object.fromEntries(
    args.map(({ name, type }) => [
      name,
      sampleOf(type, (path, scalar) => (name + path === at ? payload : scalarOf(scalar))),
    ]),
  );

/** Whoever gets past the check of roles, so that the text reaches what lies behind it. */
function insider(kind: 'query' | 'mutation', { name }: Root, field: Field): Sending {
  if (kind === 'query') return { persona: name.endsWith('Events') ? 'platform' : 'auditor' };
  const [role] = MUTATION_ROLES.get(name) ?? [];
  if (role === undefined) return {};
  return role === 'TEACHER' ? field.teacher(0) : { persona: PERSONA_OF[role] };
}

const injecting = (kind: 'query' | 'mutation'): Attack => ({
  name: `SQL, GraphQL and unstorable text in every argument of every ${kind}`,
  async run(field) {
    const [before] = await field.sql<{ count: string }>(
      'personnel',
      'SELECT count(*) FROM teacher',
    );
    const roots = fieldsOf(field.schema, kind);
    for (const root of roots) {
      const document = documentFor(kind, root);
      const by = insider(kind, root, field);
      for (const at of openings(root)) {
        for (const payload of PAYLOADS) {
          const what = `${root.name} ${at} ${JSON.stringify(payload)}`;
          const begun = performance.now();
          const variables = withPayload(root, at, payload);
          const got = await field.ask(document, { ...by, variables });
          assert.ok(performance.now() - begun < SLEPT_MS, `${what} took its time`);
          assert.ok(got.status < 500, `${what}: ${got.text}`);
          assert.ok(!codesOf(got).includes('INTERNAL'), `${what}: ${got.text}`);
          assert.doesNotMatch(got.text, /PostgreSQL \d|syntax error at or near/, what);
        }
      }
    }
    const [after] = await field.sql<{ count: string }>('personnel', 'SELECT count(*) FROM teacher');
    assert.deepEqual(after, before);
    answered(await field.ask('{ teachers(subject: "语文") { nodes { id } } }', field.county(0)));
  },
});

const provoked: Attack = {
  name: 'a provoked error of the database',
  async run(field) {
    const query = `query($u: ID) { teachers(under: $u) { nodes { id } } }`;
    const { places } = field;
    // The table is out of reach for a moment, as after a migration gone wrong.
    await field.sql('personnel', 'ALTER TABLE teacher RENAME TO teacher_away');
    try {
      const by = { ...field.county(0), variables: { u: places.counties[0] } };
      const got = await field.ask(query, { ...by, headers: { 'x-request-id': 'provoked.1' } });
      nothing(got, 'INTERNAL');
      assert.equal(got.errors[0]?.extensions.requestId, 'provoked.1');
      assert.doesNotMatch(got.text, /teacher_away|relation|does not exist|\.ts|\.js/);
    } finally {
      await field.sql('personnel', 'ALTER TABLE teacher_away RENAME TO teacher');
    }
    const by = { ...field.county(0), variables: { u: places.counties[0] } };
    answered(await field.ask(query, by));
    const log = await readFile(`${field.system.dataDir}/logs/personnel.log`, 'utf8');
    assert.match(log, /provoked\.1/, 'the request id finds the log line');
  },
};

export const injection: readonly Attack[] = [injecting('query'), injecting('mutation'), provoked];
