import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { answered, codesOf, type Attack } from './attack.js';
import type { Field, Got, Sending } from './field.js';

const CREATE = `mutation($input: CreateTrainingProjectInput!) {
  createTrainingProject(input: $input) { project { id } } }`;

const create = (field: Field, by: Sending, input: object): Promise<Got> =>
  field.ask(CREATE, { ...by, variables: { input } });

const idOf = (got: Got): string =>
  (answered(got)['createTrainingProject'] as { project: { id: string } }).project.id;

const keys: Attack = {
  name: 'an idempotency key with the same body, another body, another tenant, 50 in parallel',
  async run(field) {
    const key = randomUUID();
    const input = { ...field.projectInput(0), idempotencyKey: key };
    const [a, b] = [field.county(0), field.county(1)];
    const count = () =>
      field.sql<{ n: string }>(
        'training',
        'SELECT count(*) AS n FROM training_project WHERE name = $1',
        [input.name],
      );
    const first = idOf(await create(field, a, input));
    assert.equal(idOf(await create(field, a, input)), first);
    const other = await create(field, a, { ...input, budget: '999999.00' });
    assert.deepEqual(codesOf(other), ['IDEMPOTENCY_KEY_REUSED']);
    assert.equal(other.data?.['createTrainingProject'] ?? null, null);
    // Another tenant neither gets this one's answer nor is stopped by the key.
    const foreign = { ...field.projectInput(1), idempotencyKey: key };
    assert.notEqual(idOf(await create(field, b, foreign)), first);
    const stolen = await create(field, b, input);
    assert.ok(!stolen.text.includes(first), 'the answer of another tenant was given');
    assert.deepEqual(await count(), [{ n: '1' }]);
    const crowd = { ...field.projectInput(0), idempotencyKey: randomUUID() };
    const all = await Promise.all(Array.from({ length: 50 }, () => create(field, a, crowd)));
    assert.equal(new Set(all.map(idOf)).size, 1);
    const made = await field.sql<{ n: string }>(
      'training',
      'SELECT count(*) AS n FROM training_project WHERE name = $1',
      [crowd.name],
    );
    assert.deepEqual(made, [{ n: '1' }]);
  },
};

export const repeats: readonly Attack[] = [keys];
