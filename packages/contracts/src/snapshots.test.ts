import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { catalogue } from './catalogue.js';
import { assertContract, EnvelopeError, parseEnvelope, type Envelope } from './envelope.js';

const FOLDER = fileURLToPath(new URL('../snapshots/', import.meta.url));

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  [keyword: string]: unknown;
}

/** What an old consumer, or an old event read by a new consumer, would trip over. */
function breaksOf(before: Schema, after: Schema, path = ''): string[] {
  const breaks: string[] = [];
  const fields = before.properties ?? {};
  for (const [name, schema] of Object.entries(fields)) {
    const now = after.properties?.[name];
    if (now) breaks.push(...breaksOf(schema, now, `${path}/${name}`));
    else breaks.push(`${path}/${name} is gone`);
  }
  for (const name of before.required ?? []) {
    if (!after.required?.includes(name)) breaks.push(`${path}/${name} is no longer required`);
  }
  for (const name of after.required ?? []) {
    if (!before.required?.includes(name)) breaks.push(`${path}/${name} is newly required`);
  }
  if (before.items && after.items) breaks.push(...breaksOf(before.items, after.items, `${path}[]`));
  const shape = ({ properties: _p, required: _r, items: _i, description: _d, ...rest }: Schema) =>
    JSON.stringify(rest);
  if (shape(before) !== shape(after)) breaks.push(`${path || '/'} has another shape`);
  return breaks;
}

describe('event contracts', () => {
  it('have distinct types, each on a topic of its service', () => {
    const types = catalogue.map((contract) => contract.type);
    expect(new Set(types).size).toBe(types.length);
    for (const { type, topic } of catalogue) {
      expect(type.split('.')[2]).toBe(topic.split('.')[0]);
    }
  });

  it.each(catalogue.map((contract) => [contract.type, contract] as const))(
    '%s is as its golden snapshot says',
    (type, contract) => {
      const file = `${FOLDER}${type}.json`;
      const text = `${JSON.stringify(
        {
          topic: contract.topic,
          key: contract.key,
          dataClass: contract.dataClass,
          schema: contract.schema,
        },
        null,
        2,
      )}\n`;
      if (!existsSync(file) && process.env['UPDATE_SNAPSHOTS']) writeFileSync(file, text);
      const golden = JSON.parse(readFileSync(file, 'utf8')) as { schema: Schema };
      const now = JSON.parse(text) as { schema: Schema };
      expect(breaksOf(golden.schema, now.schema)).toEqual([]);
      // What breaks nobody may change, but only on purpose: UPDATE_SNAPSHOTS=1.
      if (process.env['UPDATE_SNAPSHOTS']) writeFileSync(file, text);
      expect(now).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    },
  );

  it('keep every type that was ever published', () => {
    const types = new Set(catalogue.map((contract) => contract.type));
    for (const file of readdirSync(FOLDER)) expect(types).toContain(file.replace(/\.json$/, ''));
  });

  it.each([
    ['a removed field', { properties: {}, required: [] }, '/a is gone'],
    [
      'a new required field',
      { properties: { a: { type: 'string' }, b: {} }, required: ['a', 'b'] },
      '/b is newly required',
    ],
    [
      'another type',
      { properties: { a: { type: 'integer' } }, required: ['a'] },
      '/a has another shape',
    ],
  ])('would notice %s', (_what, after, broken) => {
    const before: Schema = { properties: { a: { type: 'string' } }, required: ['a'] };
    expect(breaksOf(before, after as Schema)).toContain(broken);
  });

  it('carry no personal data of class P2', () => {
    const fields = JSON.stringify(catalogue.map((contract) => contract.schema));
    expect(fields).not.toMatch(/"(idNumber|phone|birthDate|personName|email)"/i);
  });
});

describe('envelope', () => {
  const envelope: Envelope = {
    specversion: '1.0',
    id: '019342a0-0000-7000-8000-000000000001',
    source: '/yanxiu/personnel',
    type: 'cn.yanxiu.personnel.org-unit.moved.v1',
    subject: '140403',
    time: '2025-06-30T00:00:00.000Z',
    datacontenttype: 'application/json',
    aggregateversion: 1,
    correlationid: 'c',
    data: { code: '140403', parentCode: '140400', validFrom: '2025-06-30' },
  };
  const faultOf = (change: object | string) => {
    try {
      const text = typeof change === 'string' ? change : JSON.stringify({ ...envelope, ...change });
      assertContract(parseEnvelope(text));
      return null;
    } catch (error) {
      return error instanceof EnvelopeError ? error.fault : error;
    }
  };

  it.each([
    [{}, null],
    ['{', 'BAD_JSON'],
    [{ specversion: '0.3' }, 'BAD_ENVELOPE'],
    [{ aggregateversion: 0 }, 'BAD_ENVELOPE'],
    [{ type: 'cn.yanxiu.personnel.org-unit.moved.v9' }, 'UNKNOWN_TYPE'],
    [{ data: { code: '140403' } }, 'BAD_DATA'],
    [{ data: { ...(envelope.data as object), added: 'later' } }, null],
  ] as const)('%j is judged %s', (change, fault) => {
    expect(faultOf(change)).toBe(fault);
  });
});
