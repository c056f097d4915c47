import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import addFormatsModule from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { catalogue } from './catalogue.js';
import { breaksOf } from './compatibility.js';
import { fieldClasses } from './data-class.js';
import {
  assertContract,
  assertData,
  EnvelopeError,
  parseEnvelope,
  type Envelope,
} from './envelope.js';
import { published } from './published.js';
import { jsonSchemaOf, snapshotOf, type GoldenSnapshot } from './snapshot.js';

const FOLDER = fileURLToPath(new URL('../snapshots/', import.meta.url));

describe('event contracts', () => {
  it('have distinct types, each on a topic of its service', () => {
    const types = catalogue.map((contract) => contract.type);
    expect(new Set(types).size).toBe(types.length);
    for (const { type, topic } of catalogue) {
      expect(type.split('.')[2]).toBe(topic.split('.')[0]);
    }
  });

  it.each(published.map((entry) => [entry.type, entry] as const))(
    '%s is as its golden snapshot says',
    (type, entry) => {
      const file = `${FOLDER}${type}.json`;
      const text = `${JSON.stringify(snapshotOf(entry), null, 2)}\n`;
      const update = Boolean(process.env['UPDATE_SNAPSHOTS']);
      if (!existsSync(file) && update) writeFileSync(file, text);
      const golden = JSON.parse(readFileSync(file, 'utf8')) as GoldenSnapshot;
      const now = JSON.parse(text) as GoldenSnapshot;
      // Not even on purpose: what breaks somebody is a new version of the type.
      expect(breaksOf(golden, now)).toEqual([]);
      if (update) writeFileSync(file, text);
      expect(now).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    },
  );

  it('are all published, once', () => {
    expect(published.map(({ type }) => type).sort()).toEqual(
      catalogue.map(({ type }) => type).sort(),
    );
  });

  it.each(published.map((entry) => [entry.type, entry] as const))(
    '%s has a schema of 2020-12 that its example fits, an owner and a requirement',
    (_type, entry) => {
      // Strict: a keyword that is no keyword, or that binds nothing, is an error.
      const ajv = addFormatsModule.default(
        new Ajv2020({ strict: true, keywords: ['x-data-class'] }),
      );
      const validate = ajv.compile(jsonSchemaOf(entry));
      expect([validate(entry.example), validate.errors]).toEqual([true, null]);
      expect(entry.owner).toBe(entry.topic.split('.')[0]);
      expect(entry.serves.length).toBeGreaterThan(0);
      for (const id of entry.serves) {
        const number = Number(/^R(\d+)$/.exec(id)?.[1]);
        expect(number >= 1 && number <= 138).toBe(true);
      }
      expect([entry.en, entry.zh].every((text) => text.length > 3)).toBe(true);
    },
  );

  it.each(catalogue.map((contract) => [contract.type, contract] as const))(
    '%s gives every field a class of personal data, and has the highest',
    (_type, { schema, dataClass }) => {
      const classes = fieldClasses(schema);
      expect(classes.filter((field) => field.dataClass === undefined)).toEqual([]);
      expect(dataClass).toBe(
        classes
          .map((field) => field.dataClass)
          .sort()
          .at(-1),
      );
    },
  );

  it('have no event about a person outside of class P1', () => {
    const personal = catalogue.filter((contract) => 'teacherId' in contract.schema.properties);
    expect(personal.length).toBeGreaterThan(8);
    for (const { schema } of personal) {
      expect(schema.properties['teacherId']).toMatchObject({ 'x-data-class': 'P1' });
    }
  });

  it('keep every type that was ever published', () => {
    const types = new Set(catalogue.map((contract) => contract.type));
    for (const file of readdirSync(FOLDER)) expect(types).toContain(file.replace(/\.json$/, ''));
  });

  it.each(published.filter(({ retention }) => retention === 'compacted'))(
    '$type is what the events of its aggregate change in it',
    (snapshot) => {
      const events = published.filter(({ topic }) => `${topic}.state` === snapshot.topic);
      const registered = events.filter(({ type }) => /registered|published/.test(type));
      const state: Record<string, unknown> = {};
      for (const event of [...registered, ...events]) {
        expect(event.change).toBeDefined();
        Object.assign(state, event.change?.(event.example as never));
        expect(() => assertData(snapshot, state)).not.toThrow();
      }
      expect(events.length).toBeGreaterThan(0);
    },
  );

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
