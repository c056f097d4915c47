import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemEnvironment } from '@yanxiu/messaging/environment';
import { DataSource } from 'typeorm';
import {
  CREDENTIAL_HEADER,
  CredentialSigner,
  CredentialVerifier,
  ensureGatewayKey,
} from './gateway-credential.js';
import { createLog } from './log.js';
import { baseSdl } from './sdl.js';
import { startSubgraph, type RunningSubgraph } from './server.js';

const SDL = `${baseSdl()} extend type Query { answer: String @access(data: PUBLIC) }`;

describe('a subgraph', () => {
  let dataDir = '';
  let subgraph: RunningSubgraph;
  let credential = '';
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'yanxiu-caller-'));
    const { keyFile, jwksFile } = await ensureGatewayKey(dataDir);
    credential = await (await CredentialSigner.open(keyFile)).credentialFor('hours');
    subgraph = await startSubgraph({
      service: 'hours',
      host: '127.0.0.1',
      port: 0,
      sdl: SDL,
      resolvers: [{ Query: { answer: () => 'forty-two' } }],
      db: new DataSource({ type: 'postgres' }),
      environment: systemEnvironment(),
      verifier: { verify: async () => null },
      assignments: async () => [],
      credentials: await CredentialVerifier.open(jwksFile, 'hours'),
      log: createLog('test', 'silent'),
      checks: async () => ({}),
    });
  });
  afterAll(async () => {
    await subgraph.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const post = async (body: string, headers: Record<string, string> = {}) => {
    const type = { 'content-type': 'application/json' };
    const options = { method: 'POST', headers: { ...type, ...headers }, body };
    const response = await fetch(subgraph.url, options);
    return { status: response.status, text: await response.text() };
  };
  const QUERY = JSON.stringify({ query: '{ answer }' });

  it('answers the gateway', async () => {
    const { status, text } = await post(QUERY, { [CREDENTIAL_HEADER]: credential });
    expect([status, text.trim()]).toEqual([200, '{"data":{"answer":"forty-two"}}']);
  });

  it.each([
    ['no credential', {}],
    ['a word', { [CREDENTIAL_HEADER]: 'yes' }],
    ['one that is cut', { [CREDENTIAL_HEADER]: 'eyJhbGciOiJub25lIn0.e30.' }],
    ['headers that look internal', { 'x-user-role': 'PLATFORM', 'x-forwarded-user': 'root' }],
  ])('refuses %s, and reads neither query nor body', async (_what, headers) => {
    for (const body of [QUERY, '{', JSON.stringify({ query: 'x'.repeat(2_000_000) })]) {
      const { status, text } = await post(body, headers);
      expect(status).toBe(401);
      expect(JSON.parse(text)).toEqual({
        errors: [
          {
            message: 'The request is not authenticated.',
            extensions: { code: 'UNAUTHENTICATED' },
          },
        ],
      });
    }
  });

  it('says nothing of itself about a body that it cannot read', async () => {
    for (const [body, expected] of [
      ['{', 400],
      [JSON.stringify({ query: 'x'.repeat(2_000_000) }), 413],
    ] as const) {
      const { status, text } = await post(body, { [CREDENTIAL_HEADER]: credential });
      expect([status, JSON.parse(text)]).toEqual([
        expected,
        {
          errors: [{ message: 'The request cannot be read.', extensions: { code: 'BAD_REQUEST' } }],
        },
      ]);
    }
  });

  it('tells its health and its figures to everyone', async () => {
    for (const path of ['/health/live', '/health/ready', '/metrics']) {
      expect([path, (await fetch(new URL(path, subgraph.url))).status]).toEqual([path, 200]);
    }
  });
});
