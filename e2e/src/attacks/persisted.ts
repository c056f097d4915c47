import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@yanxiu/cli/ports';
import { until } from '@yanxiu/testkit/waiting';
import { answered, refused, type Attack } from './attack.js';
import type { Field, Got, Sending } from './field.js';

const GATEWAY = fileURLToPath(new URL('../../../gateway/dist/main.js', import.meta.url));
const MANIFEST = new URL('../../../gateway/operations/manifest.json', import.meta.url);

/** One more gateway over the same services, set as in production. */
async function strictGateway(field: Field, run: (url: string) => Promise<void>): Promise<void> {
  const { services } = await field.system.running();
  const urls = Object.entries(services).map(([name, { port }]) => [
    `SUBGRAPH_URL_${name.toUpperCase()}`,
    `http://127.0.0.1:${port}/graphql`,
  ]);
  const port = await freePort();
  const child = spawn(process.execPath, [GATEWAY], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      YANXIU_DATA_DIR: field.system.dataDir,
      FREE_QUERIES: 'analysts',
      ...(Object.fromEntries(urls) as Record<string, string>),
    },
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await until(async () => (await fetch(`${url}/health/live`)).ok, { timeoutMs: 60_000 });
    await run(url);
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
}

const own: Attack = {
  name: 'a query of one’s own where only analysts may write one',
  async run(field) {
    const { operations } = JSON.parse(await readFile(MANIFEST, 'utf8')) as {
      operations: { id: string; name: string; body: string }[];
    };
    const listed = operations.find(({ name }) => name === 'PolicyInstruments');
    if (!listed) throw new Error('no client lists policies');
    await strictGateway(field, async (url) => {
      const send = async (body: object, sending: Sending): Promise<Got> => {
        const { persona, options } = sending;
        const token = persona && (await field.token(persona, options));
        return field.http(`${url}/graphql`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            ...(token && { authorization: `Bearer ${token}` }),
          },
          body: JSON.stringify(body),
        });
      };
      const query = '{ policyInstruments { title issuer } }';
      const sha256Hash = createHash('sha256').update(query).digest('hex');
      const extensions = { persistedQuery: { version: 1, sha256Hash } };
      answered(await send({ query, extensions }, { persona: 'analyst' }));
      for (const by of [{}, field.teacher(0), field.county(0)]) {
        refused(await send({ query }, by), 403, 'FORBIDDEN');
        refused(await send({ query: '{ nothing }' }, by), 403, 'FORBIDDEN');
        refused(await send({ extensions }, by), 403, 'FORBIDDEN');
        refused(await send({ id: sha256Hash }, by), 404, 'PERSISTED_QUERY_NOT_FOUND');
        answered(await send({ id: listed.id }, by));
        answered(await send({ query: listed.body }, by));
      }
    });
  },
};

export const persisted: readonly Attack[] = [own];
