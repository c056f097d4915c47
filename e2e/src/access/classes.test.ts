import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { classesByHand, classesOfServices } from './classes.js';

const supergraph = readFileSync(
  new URL('../../../gateway/supergraph.graphql', import.meta.url),
  'utf8',
);

it('says by hand of every field that can be asked for what its @access says', () => {
  const byHand = classesByHand(buildSchema(supergraph, { assumeValidSDL: true }));
  const said = classesOfServices();
  expect(byHand.size).toBeGreaterThan(800);
  // A new type is entered in OBJECTS of classes.ts with what it is.
  expect([...byHand]).toEqual([...byHand.keys()].map((name) => [name, said.get(name)]));
});
