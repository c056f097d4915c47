import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { exportJWK, importJWK, SignJWT, type JWK } from 'jose';
import { answered, codesOf, refused, type Attack } from './attack.js';
import type { Field } from './field.js';

const ASKED = '{ orgUnit(code: "140000") { code } }';
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

interface Made {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

/** A good token of the province's officer, taken apart. */
async function good(field: Field): Promise<Made & { text: string; signature: string }> {
  const text = await field.token('province-officer');
  const [header = '', claims = '', signature = ''] = text.split('.');
  const read = (part: string) =>
    JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  return { text, header: read(header), claims: read(claims), signature };
}

const hashed = ({ header, claims }: Made, key: string | Buffer): string => {
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
};

/** Signed by a key of the attacker's own. */
async function signedByUs({ header, claims }: Made, withKey = false): Promise<string> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = withKey ? { jwk: await exportJWK(publicKey) } : {};
  return new SignJWT(claims)
    .setProtectedHeader({ ...header, alg: 'ES256', ...jwk })
    .sign(privateKey);
}

/** Signed by the issuer's own key, which only a test has, with other claims. */
async function signedByIssuer(field: Field, { claims }: Made, change: object): Promise<string> {
  const file = `${field.system.dataDir}/issuer/private.jwk.json`;
  const jwk = JSON.parse(await readFile(file, 'utf8')) as JWK;
  return new SignJWT({ ...claims, ...change })
    .setProtectedHeader({ alg: 'ES256', kid: jwk.kid ?? '' })
    .sign(await importJWK(jwk, 'ES256'));
}

const forging = (name: string, forge: (field: Field) => Promise<string[]>): Attack => ({
  name: `a token ${name}`,
  async run(field) {
    // The gateway is no excuse for a service: it verifies for itself.
    const credential = await field.credential('personnel');
    for (const token of await forge(field)) {
      refused(await field.ask(ASKED, { token }), 401, 'UNAUTHENTICATED');
      const past = await field.straight('personnel', ASKED, { token }, credential);
      assert.deepEqual(codesOf(past), ['UNAUTHENTICATED'], past.text);
      assert.equal(past.data, null);
    }
    const good = { persona: 'province-officer' };
    answered(await field.straight('personnel', ASKED, good, credential));
    answered(await field.ask(ASKED, { persona: 'province-officer' }));
  },
});

export const tokens: readonly Attack[] = [
  forging('without an algorithm', async (field) => {
    const { header, claims, signature } = await good(field);
    return ['none', 'None', 'NONE', ''].flatMap((alg) => {
      const unsigned = `${encoded({ ...header, alg })}.${encoded(claims)}`;
      return [`${unsigned}.`, `${unsigned}.${signature}`];
    });
  }),
  forging('signed with the public key as a secret', async (field) => {
    const made = await good(field);
    const jwks = await readFile(`${field.system.dataDir}/issuer/jwks.json`, 'utf8');
    const header = { ...made.header, alg: 'HS256' };
    const [key] = (JSON.parse(jwks) as { keys: Record<string, string>[] }).keys;
    return [jwks, JSON.stringify(key), key?.['x'] ?? '', ''].map((secret) =>
      hashed({ ...made, header }, secret || 'empty'),
    );
  }),
  forging('with other claims under the old signature', async (field) => {
    const { header, claims, signature } = await good(field);
    return [`${encoded(header)}.${encoded({ ...claims, role: 'PLATFORM' })}.${signature}`];
  }),
  forging('of a key that the token itself names: jwk, kid as a path, jku, x5u', async (field) => {
    const made = await good(field);
    const headers = [
      { kid: '../../../../dev/null' },
      { kid: "' UNION SELECT 'key' --" },
      { jku: 'http://127.0.0.1:1/jwks.json' },
      { x5u: 'http://127.0.0.1:1/cert.pem' },
      { kid: '__proto__' },
    ];
    return [
      await signedByUs(made),
      await signedByUs(made, true),
      ...(await Promise.all(
        headers.map((change) => signedByUs({ ...made, header: { ...made.header, ...change } })),
      )),
      hashed({ ...made, header: { alg: 'HS256', kid: '../../../../dev/null' } }, ''),
    ];
  }),
  forging('that has expired, is not yet valid, or never expires', async (field) => {
    const made = await good(field);
    const now = Math.floor(Date.now() / 1_000);
    return Promise.all(
      [{ exp: now - 600 }, { nbf: now + 3_600 }, { exp: undefined }, { exp: 'never' }].map(
        (change) => signedByIssuer(field, made, change),
      ),
    );
  }),
  forging('for another audience, of another issuer, with no such role', async (field) => {
    const made = await good(field);
    const changes = [
      { aud: 'other' },
      { aud: undefined },
      { iss: 'https://evil.example' },
      { iss: undefined },
      { role: 'SUPERUSER' },
      { role: ['PLATFORM'] },
      { unit: undefined },
      { sub: undefined },
    ];
    return Promise.all(changes.map((change) => signedByIssuer(field, made, change)));
  }),
];
