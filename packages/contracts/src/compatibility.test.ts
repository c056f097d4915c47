import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { breaksOf, type JsonSchema, type Snapshot } from './compatibility.js';

const snapshot = (schema: JsonSchema, change: Partial<Snapshot> = {}): Snapshot => ({
  topic: 'training.project',
  key: 'TrainingProject id',
  retention: 'forever',
  dataClass: 'P0',
  schema,
  ...change,
});

const text: JsonSchema = { type: 'string' };
const oneOf = (...values: string[]): JsonSchema => ({
  anyOf: values.map((value) => ({ const: value, type: 'string' })),
});
const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
/** An object whose fields are all required, but for those whose names end in `?`. */
const object = (fields: Record<string, JsonSchema>, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  required: Object.keys(fields).filter((name) => !name.endsWith('?')),
  properties: Object.fromEntries(
    Object.entries(fields).map(([name, schema]) => [name.replace('?', ''), schema]),
  ),
  ...more,
});
const a = (schema: JsonSchema): JsonSchema => object({ a: schema });

interface Case {
  what: string;
  before: JsonSchema;
  after: JsonSchema;
  /** Data that only the one version lets through: shows that the break is real. */
  witness?: unknown;
  why: string;
}

/** An old consumer meets a new event that it was not written for. */
const consumers: Case[] = [
  {
    what: 'a removed field',
    before: object({ a: text, b: text }),
    after: object({ a: text }),
    witness: { a: 'x' },
    why: '/b is gone',
  },
  {
    what: 'a removed optional field',
    before: object({ a: text, 'b?': text }),
    after: object({ a: text }),
    why: '/b is gone',
  },
  {
    what: 'a field that is no longer required',
    before: a(text),
    after: object({ 'a?': text }),
    witness: {},
    why: '/a is no longer required',
  },
  {
    what: 'a field that may now be null',
    before: a(text),
    after: a(orNull(text)),
    witness: { a: null },
    why: '/a may now be null',
  },
  {
    what: 'another type',
    before: a(text),
    after: a({ type: 'integer' }),
    witness: { a: 1 },
    why: '/a may now be integer',
  },
  {
    what: 'integers that may now be broken numbers',
    before: a({ type: 'integer' }),
    after: a({ type: 'number' }),
    witness: { a: 0.5 },
    why: '/a may now be number',
  },
  {
    what: 'an enumeration that gains a value',
    before: a(oneOf('MET', 'SHORT')),
    after: a(oneOf('MET', 'SHORT', 'EXEMPT')),
    witness: { a: 'EXEMPT' },
    why: '/a may now be "EXEMPT"',
  },
  {
    what: 'an enumeration that becomes any text',
    before: a({ enum: ['MET', 'SHORT'] }),
    after: a(text),
    witness: { a: 'x' },
    why: '/a may now be string',
  },
  {
    what: 'a lower bound that falls',
    before: a({ type: 'integer', minimum: 1 }),
    after: a({ type: 'integer', minimum: 0 }),
    witness: { a: 0 },
    why: '/a minimum was 1, is 0',
  },
  {
    what: 'an upper bound that goes',
    before: a({ type: 'integer', maximum: 9 }),
    after: a({ type: 'integer' }),
    witness: { a: 10 },
    why: '/a maximum was 9, is Infinity',
  },
  {
    what: 'a pattern that goes',
    before: a({ type: 'string', pattern: '^[0-9]+$' }),
    after: a(text),
    witness: { a: 'x' },
    why: '/a pattern was "^[0-9]+$", is undefined',
  },
  {
    what: 'another format',
    before: a({ type: 'string', format: 'date' }),
    after: a({ type: 'string', format: 'date-time' }),
    why: '/a format was "date", is "date-time"',
  },
  {
    what: 'a change inside a list',
    before: a(list(object({ b: text }))),
    after: a(list(object({ 'b?': text }))),
    witness: { a: [{}] },
    why: '/a[]/b is no longer required',
  },
  {
    what: 'a change inside what may be null',
    before: a(orNull(object({ b: text }))),
    after: a(orNull(object({ c: text }))),
    witness: { a: { c: 'x' } },
    why: '/a/b is gone',
  },
  {
    what: 'a new field where none may be added',
    before: object({ a: text }, { additionalProperties: false }),
    after: object({ a: text, 'b?': text }, { additionalProperties: false }),
    witness: { a: 'x', b: 'y' },
    why: '/b is new where none may be added',
  },
  {
    what: 'a field that becomes personal data',
    before: a({ type: 'string', 'x-data-class': 'P0' }),
    after: a({ type: 'string', 'x-data-class': 'P1' }),
    why: '/a is of class P1 now',
  },
];

/** An old producer, or an old event in a topic's history, no longer fits. */
const producers: Case[] = [
  {
    what: 'a newly required field',
    before: object({ a: text, 'b?': text }),
    after: object({ a: text, b: text }),
    witness: { a: 'x' },
    why: '/b is newly required',
  },
  {
    what: 'an added field that is required',
    before: a(text),
    after: object({ a: text, b: text }),
    witness: { a: 'x' },
    why: '/b is newly required',
  },
  {
    what: 'an enumeration that loses a value',
    before: a(oneOf('MET', 'SHORT')),
    after: a(oneOf('MET')),
    witness: { a: 'SHORT' },
    why: '/a may no longer be "SHORT"',
  },
  {
    what: 'text that becomes an enumeration',
    before: a(text),
    after: a(oneOf('MET')),
    witness: { a: 'x' },
    why: '/a may no longer be string',
  },
  {
    what: 'a field that may no longer be null',
    before: a(orNull(text)),
    after: a(text),
    witness: { a: null },
    why: '/a may no longer be null',
  },
  {
    what: 'anything that becomes something',
    before: a({}),
    after: a(text),
    witness: { a: 1 },
    why: '/a may no longer be anything',
  },
  {
    what: 'a lower bound that rises',
    before: a({ type: 'integer', minimum: 0 }),
    after: a({ type: 'integer', minimum: 1 }),
    witness: { a: 0 },
    why: '/a minimum was 0, is 1',
  },
  {
    what: 'a new upper bound',
    before: a(list(text)),
    after: a({ ...list(text), maxItems: 1 }),
    witness: { a: ['x', 'y'] },
    why: '/a maxItems was Infinity, is 1',
  },
  {
    what: 'a new pattern',
    before: a(text),
    after: a({ type: 'string', pattern: '^[0-9]+$' }),
    witness: { a: 'x' },
    why: '/a pattern was undefined, is "^[0-9]+$"',
  },
  {
    what: 'a new format',
    before: a(text),
    after: a({ type: 'string', format: 'date' }),
    why: '/a format was undefined, is "date"',
  },
  {
    what: 'items that may no longer be anything',
    before: a({ type: 'array' }),
    after: a(list(text)),
    witness: { a: [1] },
    why: '/a[] may no longer be anything',
  },
  {
    what: 'an object that is closed',
    before: a(text),
    after: object({ a: text }, { additionalProperties: false }),
    witness: { a: 'x', b: 'y' },
    why: '/ takes no field beyond those named',
  },
];

const ajv = new Ajv2020({ strict: false });

describe('compatibility of two versions of an event', () => {
  const told = (before: JsonSchema, after: JsonSchema, hurts: 'consumer' | 'producer') =>
    breaksOf(snapshot(before), snapshot(after))
      .filter((each) => each.hurts === hurts)
      .map(({ path, why }) => `${path || '/'} ${why}`);

  it.each(consumers)('a consumer trips over $what', ({ before, after, witness, why }) => {
    expect(told(before, after, 'consumer')).toContain(why);
    if (witness === undefined) return;
    expect(ajv.validate(after, witness)).toBe(true);
    expect(ajv.validate(before, witness)).toBe(false);
  });

  it.each(producers)('a producer trips over $what', ({ before, after, witness, why }) => {
    expect(told(before, after, 'producer')).toContain(why);
    if (witness === undefined) return;
    expect(ajv.validate(before, witness)).toBe(true);
    expect(ajv.validate(after, witness)).toBe(false);
  });

  it.each([
    ['nothing', a(text), a(text)],
    ['a new optional field', a(text), object({ a: text, 'b?': oneOf('X') })],
    ['another description', a(text), a({ ...text, description: 'what it is', examples: ['x'] })],
    [
      'another order',
      object({ a: text, b: oneOf('X', 'Y') }),
      object({ b: oneOf('Y', 'X'), a: text }),
    ],
    ['another spelling', a(orNull(oneOf('X'))), a({ enum: ['X', null] })],
    [
      'a class that falls',
      a({ ...text, 'x-data-class': 'P1' }),
      a({ ...text, 'x-data-class': 'P0' }),
    ],
  ])('nobody trips over %s', (_what, before, after) => {
    expect(breaksOf(snapshot(before), snapshot(after))).toEqual([]);
  });

  it.each([
    [{ topic: 'training.plan' }, ['consumer', 'producer']],
    [{ key: 'OrgUnit code' }, ['consumer', 'producer']],
    [{ retention: 'compacted' }, ['consumer', 'producer']],
    [{ dataClass: 'P1' }, ['consumer']],
    [{}, []],
  ] as const)('outside of the shape: %j', (change, hurt) => {
    const breaks = breaksOf(snapshot(a(text)), snapshot(a(text), change));
    expect(breaks.map(({ hurts }) => hurts)).toEqual(hurt);
  });
});
