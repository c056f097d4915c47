import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { mergeResolvers, serviceSdl } from './sdl.js';

const service = (slices: Record<string, string>) => {
  const folder = mkdtempSync(join(tmpdir(), 'sdl-'));
  for (const [name, sdl] of Object.entries(slices)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'schema.graphql'), sdl);
  }
  return folder;
};

describe('slices', () => {
  it('are put together with the base', () => {
    const sdl = serviceSdl(service({ a: 'extend type Query { a: Int }', b: 'type B { id: ID! }' }));
    expect(sdl).toContain('scalar Hours');
    expect(sdl).toContain('extend type Query { a: Int }');
  });

  it('may not define one field twice', () => {
    const folder = service({
      a: 'extend type Query { plan: Int }',
      b: 'extend type Query { plan: String }',
    });
    expect(() => serviceSdl(folder)).toThrow('Query.plan is defined by the slices a and b');
  });

  it('may not resolve one field twice', () => {
    const map = { Query: { plan: () => 1 } };
    expect(() => mergeResolvers([map, map])).toThrow('two slices resolve Query.plan');
  });
});
