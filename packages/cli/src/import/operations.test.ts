import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { parse, print } from 'graphql';
import { EXPORT_HOURS, EXPORT_TEACHERS } from '../export/tables.js';
import { SUBMIT_CLAIMS } from './claim-kind.js';
import { REGISTER_TEACHERS } from './teacher-kind.js';

const MANIFEST = new URL('../../../../gateway/operations/manifest.json', import.meta.url);

describe('what the command line asks the gateway', () => {
  it('is an operation of a client, so that an officer’s token may send it', async () => {
    const { operations } = JSON.parse(await readFile(MANIFEST, 'utf8')) as {
      operations: { body: string }[];
    };
    const bodies = operations.map(({ body }) => body);
    for (const sent of [REGISTER_TEACHERS, SUBMIT_CLAIMS, EXPORT_TEACHERS, EXPORT_HOURS]) {
      expect(bodies).toContain(print(parse(sent)));
    }
  });
});
