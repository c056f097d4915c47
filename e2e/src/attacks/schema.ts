import assert from 'node:assert/strict';
import { answered, codesOf, refused, type Attack } from './attack.js';
import type { Sending } from './field.js';

const NO_RIGHT = ['school-coordinator', 'institution-staff', 'evaluator', 'finance-officer'];
const by = (persona: string | undefined): Sending => (persona === undefined ? {} : { persona });

export const schemaShown: readonly Attack[] = [
  {
    name: 'introspection without the right',
    async run(field) {
      const asked = '{ __schema { types { name } } }';
      for (const persona of [undefined, ...NO_RIGHT]) {
        refused(await field.ask(asked, by(persona)), 403, 'FORBIDDEN');
        refused(
          await field.ask('{ __type(name: "Teacher") { name } }', by(persona)),
          403,
          'FORBIDDEN',
        );
      }
      for (const persona of ['analyst', 'auditor', 'platform', 'county-officer']) {
        answered(await field.ask(asked, { persona }));
      }
    },
  },
  {
    name: 'suggestions for names that are nearly right',
    async run(field) {
      const nearly = [
        '{ teachr(id: "1") { id } }',
        '{ teacher(id: "1") { nam } }',
        '{ orgUnits(undr: "1") { nodes { code } } }',
        '{ teachers(stage: PRIMAR) { nodes { id } } }',
        '{ ... on Teachr { id } }',
      ];
      for (const query of nearly) {
        const got = await field.ask(query, field.teacher(0));
        refused(got, 400, 'GRAPHQL_VALIDATION_FAILED');
      }
      const got = await field.ask('query($s: Stage) { teachers(stage: $s) { nodes { id } } }', {
        persona: 'finance-officer',
        variables: { s: 'PRIMAR' },
      });
      refused(got, 400, 'BAD_USER_INPUT');
      const told = await field.ask(nearly[0] ?? '', { persona: 'analyst' });
      assert.match(told.text, /Did you mean/);
    },
  },
  {
    name: '_service and _entities at the gateway',
    async run(field) {
      for (const query of [
        '{ _service { sdl } }',
        '{ _entities(representations: [{ __typename: "Teacher", id: "x" }]) { __typename } }',
      ]) {
        for (const persona of ['analyst', 'platform', undefined]) {
          const got = await field.ask(query, by(persona));
          assert.equal(got.status, 400);
          assert.deepEqual(new Set(codesOf(got)), new Set(['GRAPHQL_VALIDATION_FAILED']));
          assert.equal(got.data, null);
        }
      }
      answered(await field.ask('{ __typename }'));
    },
  },
];
