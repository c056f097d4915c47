import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { answered, nothing, refused, type Attack } from './attack.js';
import type { Field } from './field.js';

const ASKED = { query: '{ policyInstruments { citation } }' };
const ME = '{ __typename }';

/** A body of this many bytes that would be a question if it were read. */
const padded = (bytes: number): string => {
  const body = JSON.stringify(ASKED);
  return `${body.slice(0, -1)},"padding":"${'x'.repeat(bytes - body.length - 13)}"}`;
};

/** What the gateway holds in memory: bytes. */
async function memoryOf(field: Field): Promise<number> {
  const { text } = await field.http(`${field.system.url}/metrics`, { method: 'GET' });
  const line = /^process_resident_memory_bytes (\S+)$/m.exec(text);
  return Number(line?.[1]);
}

const bodies: readonly Attack[] = [
  {
    name: 'bodies of 2 MB and of 60 MB',
    async run(field) {
      const before = await memoryOf(field);
      for (const megabytes of [2, 60]) {
        // The server may hang up on who goes on sending what it has refused.
        const body = padded(megabytes * 1024 * 1024);
        const got = await field.post(body).catch(() => null);
        if (got !== null) refused(got, 413, 'LIMIT_EXCEEDED');
      }
      const grown = (await memoryOf(field)) - before;
      assert.ok(grown < 60 * 1024 * 1024, `the gateway grew by ${grown} bytes`);
      answered(await field.post(padded(900_000)));
    },
  },
  {
    name: 'a gzip bomb',
    async run(field) {
      const headers = { 'content-encoding': 'gzip' };
      const bomb = gzipSync(padded(200 * 1024 * 1024));
      assert.ok(bomb.length < 512 * 1024, 'the bomb is small on the wire');
      const before = await memoryOf(field);
      refused(await field.post(bomb, { headers }), 413, 'LIMIT_EXCEEDED');
      const grown = (await memoryOf(field)) - before;
      assert.ok(grown < 60 * 1024 * 1024, `the gateway grew by ${grown} bytes`);
      answered(await field.post(gzipSync(JSON.stringify(ASKED)), { headers }));
    },
  },
  {
    name: 'a form of another site: GET, text/plain, multipart, urlencoded',
    async run(field) {
      const mutation = 'mutation { publishDefaultPolicies(input: {}) { __typename } }';
      const authorization = `Bearer ${await field.token('province-officer')}`;
      const search = new URLSearchParams({ query: mutation });
      const simple = await field.http(`${field.system.url}/graphql?${search}`, {
        method: 'GET',
        headers: { authorization },
      });
      refused(simple, 400, 'BAD_REQUEST');
      const forced = await field.http(`${field.system.url}/graphql?${search}`, {
        method: 'GET',
        headers: { authorization, 'apollo-require-preflight': 'x' },
      });
      assert.ok(forced.status >= 400 && forced.data === null, forced.text);
      for (const type of ['text/plain', 'multipart/form-data; boundary=x', FORM, 'text/json']) {
        const got = await field.post(JSON.stringify({ query: mutation }), {
          persona: 'province-officer',
          headers: { 'content-type': type },
        });
        assert.ok(got.status >= 400 && got.status < 500 && got.data === null, got.text);
      }
      const good = new URLSearchParams(ASKED);
      answered(
        await field.http(`${field.system.url}/graphql?${good}`, {
          method: 'GET',
          headers: { 'apollo-require-preflight': 'x' },
        }),
      );
    },
  },
  {
    name: 'a page of another site asks the local issuer for a token',
    async run(field) {
      const own = field.system.url;
      const ask = (headers: Record<string, string>) =>
        field.http(`${own}/auth/token`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: '{"persona":"province-officer"}',
        });
      const forms: Record<string, string>[] = [
        {},
        { origin: 'https://evil.example' },
        { origin: own, 'sec-fetch-site': 'cross-site' },
        { origin: own, 'content-type': 'text/plain' },
      ];
      for (const form of forms) refused(await ask(form), 403, 'FORBIDDEN');
      const rebound = await ask({ host: 'evil.example', origin: 'http://evil.example' });
      assert.equal(rebound.status, 421);
      assert.equal((await ask({ origin: own })).status, 200);
    },
  },
];

const FORM = 'application/x-www-form-urlencoded';

const slow: Attack = {
  name: '200 connections that never finish, while others are answered',
  async run(field) {
    const { hostname, port } = new URL(field.system.url);
    const sockets = Array.from({ length: 200 }, (_, n) => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.resume();
      const head = `POST /graphql HTTP/1.1\r\nhost: ${hostname}:${port}\r\n`;
      // Half of them stop among the headers, half in the body.
      socket.write(
        n % 2 === 0
          ? `${head}x-slow: `
          : `${head}content-type: application/json\r\ncontent-length: 1000\r\n\r\n{"query":"`,
      );
      return socket;
    });
    const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    try {
      for (let n = 0; n < 20; n += 1) answered(await field.post(JSON.stringify(ASKED)));
      const open = sockets.filter((socket) => !socket.closed).length;
      assert.ok(open > 100, `only ${open} were still open while others were answered`);
      // Who sends no more is hung up on: headers after 10 s, a body after 30 s, plus the look.
      const limit = new Promise((_, reject) => {
        setTimeout(() => reject(new Error('not hung up on within 90 s')), 90_000).unref();
      });
      await Promise.race([Promise.all(closed), limit]);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  },
};

const headers: readonly Attack[] = [
  {
    name: 'forged headers: x-user-*, x-actor, x-forwarded-*, apollo-federation-include-trace',
    async run(field) {
      const forged = {
        'x-user-id': 'province-officer:140000:1',
        'x-user-role': 'PLATFORM',
        'x-user-unit': '140000',
        'x-actor': '{"role":"PLATFORM","subject":"x","unit":"140000"}',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-user': 'platform',
        'x-hasura-role': 'admin',
        'apollo-federation-include-trace': 'ftv1',
      };
      const query = '{ personnelEvents { service } }';
      nothing(await field.ask(query, { headers: forged }), 'UNAUTHENTICATED');
      const teacher = field.teacher(0);
      const got = await field.ask(query, { ...teacher, headers: forged });
      nothing(got, 'FORBIDDEN');
      assert.doesNotMatch(got.text, /ftv1/);
      const past = await field.straight('personnel', query, { headers: forged });
      refused(past, 401, 'UNAUTHENTICATED');
      const behind = await field.credential('personnel');
      nothing(
        await field.straight('personnel', query, { headers: forged }, behind),
        'UNAUTHENTICATED',
      );
      answered(await field.ask(query, { persona: 'platform', headers: forged }));
    },
  },
  {
    name: 'line breaks and terminal codes on their way into the log',
    async run(field) {
      const evil = '\u001b[31mred\u001b[0m\nforged: {"level":"fatal","msg":"PWNED"}\r\nmore';
      const query = 'query($v: ID!) { teacher(id: $v) { id } }';
      const got = await field.ask(query, { persona: 'analyst', variables: { v: evil } });
      nothing(got, 'NOT_FOUND', 'BAD_USER_INPUT');
      const named = await field.ask(ME, { headers: { 'x-request-id': 'a b"; DROP' } });
      assert.notEqual(named.headers['x-request-id'], 'a b"; DROP');
      await field.ask(query, { token: `eyJ.${Buffer.from(evil).toString('base64url')}.x` });
      const folder = `${field.system.dataDir}/logs`;
      for (const name of await readdir(folder)) {
        const text = await readFile(`${folder}/${name}`, 'utf8');
        assert.doesNotMatch(text, /\u001b\[31mred/, `${name} has terminal codes`);
        assert.doesNotMatch(text, /^forged: /m, `${name} has a forged line`);
      }
      const good = await field.ask(ME, { headers: { 'x-request-id': 'find-me.1' } });
      assert.equal(good.headers['x-request-id'], 'find-me.1');
    },
  },
];

export const transport: readonly Attack[] = [...bodies, slow, ...headers];
