import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { systemEnvironment } from '@yanxiu/messaging/environment';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import type { Context } from './context.js';
import { connectDatabase } from './database.js';
import { CREDENTIAL_HEADER } from './gateway-credential.js';
import { baseSdl } from './sdl.js';
import { startSubgraph, type RunningSubgraph } from './server.js';

/** Statements that the database refuses, by the field that makes them. */
const FAILING = {
  noTable: 'SELECT secret_column FROM secret_table',
  noColumn: 'SELECT secret_column FROM pg_class',
  badSyntax: 'SELEKT secret_column',
  notAllowed: 'SELECT rolpassword FROM pg_authid',
  divided: "SELECT 1 / 0 AS secret_column WHERE 'secret_value' <> ''",
  raised: "DO $$ BEGIN RAISE EXCEPTION 'secret_column is secret_value'; END $$",
};
const FIELDS = Object.keys(FAILING);

describe('an error of the database, over HTTP', () => {
  let database: TestDatabase;
  let db: DataSource;
  let subgraph: RunningSubgraph;
  const lines: string[] = [];
  beforeAll(async () => {
    database = await createTestDatabase({ service: 'kit' });
    db = await connectDatabase({ url: database.appUrl, entities: [] });
    const failing = Object.entries(FAILING).map(([name, sql]) => [
      name,
      (_parent: unknown, _args: unknown, context: Context) => context.db.query(sql),
    ]);
    const fields = FIELDS.map((name) => `${name}: String @access(data: PUBLIC)`).join(' ');
    subgraph = await startSubgraph({
      service: 'kit',
      host: '127.0.0.1',
      port: 0,
      sdl: `${baseSdl()} extend type Query { fine: String @access(data: PUBLIC) ${fields} }`,
      resolvers: [{ Query: { ...Object.fromEntries(failing), fine: () => 'fine' } }],
      db,
      environment: systemEnvironment(),
      verifier: { verify: async () => null },
      assignments: async () => [],
      credentials: { accepts: async () => true },
      log: pino({}, { write: (line: string) => void lines.push(line) }),
      checks: async () => ({}),
    });
  });
  afterAll(async () => {
    await subgraph.stop();
    await db.destroy();
    await database.drop();
  });

  const ask = async (query: string, requestId: string, language: string): Promise<string> => {
    const response = await fetch(subgraph.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'accept-language': language,
        'x-request-id': requestId,
        [CREDENTIAL_HEADER]: 'of-the-gateway',
      },
      body: JSON.stringify({ query }),
    });
    return response.text();
  };

  it.each(FIELDS)('%s becomes INTERNAL with the id that finds the log line', async (field) => {
    const id = `find-${field}`;
    for (const language of ['en', 'zh-CN']) {
      const text = await ask(`{ fine ${field} }`, id, language);
      expect(JSON.parse(text)).toEqual({
        data: { fine: 'fine', [field]: null },
        errors: [
          {
            message: expect.stringContaining(id),
            path: [field],
            extensions: { code: 'INTERNAL', requestId: id },
          },
        ],
      });
      expect(text).not.toMatch(/secret|pg_|SELE|stack|\.ts|\.js|node_modules|relation|syntax/);
    }
    const found = lines.filter((line) => line.includes(`"requestId":"${id}"`));
    expect(found).toHaveLength(2);
    expect(found[0]).toContain('unforeseen error');
    expect(found[0]).toMatch(/secret_|pg_authid|by zero/);
  });
});
