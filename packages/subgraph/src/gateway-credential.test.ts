import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { importJWK, SignJWT, UnsecuredJWT, type JSONWebKeySet, type JWK } from 'jose';
import {
  CredentialSigner,
  CredentialVerifier,
  ensureGatewayKey,
  type GatewayKeyFiles,
} from './gateway-credential.js';

const read = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, 'utf8')) as T;
const seconds = (): number => Math.floor(Date.now() / 1000);

interface Forgery {
  header?: object;
  claims?: object;
}

describe("the gateway's credential", () => {
  let dataDir = '';
  let files: GatewayKeyFiles;
  let verifier: CredentialVerifier;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'yanxiu-gateway-key-'));
    files = await ensureGatewayKey(dataDir);
    verifier = await CredentialVerifier.open(files.jwksFile, 'hours');
  });
  afterEach(async () => {
    jest.useRealTimers();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Signed by the gateway's own key, but not as the gateway does. */
  const forge = async ({ header, claims }: Forgery): Promise<string> => {
    const jwk = await read<JWK>(files.keyFile);
    const now = seconds();
    const proper = { iss: 'yanxiu-gateway', aud: 'yanxiu:hours', iat: now, exp: now + 60 };
    return new SignJWT({ ...proper, ...claims })
      .setProtectedHeader({
        alg: 'EdDSA',
        kid: jwk.kid ?? '',
        typ: 'yanxiu-gateway+jwt',
        ...header,
      })
      .sign(await importJWK(jwk, 'EdDSA'));
  };

  it('opens its subgraph, and no other', async () => {
    const signer = await CredentialSigner.open(files.keyFile);
    expect(await verifier.accepts(await signer.credentialFor('hours'))).toBe(true);
    expect(await verifier.accepts(await signer.credentialFor('funding'))).toBe(false);
    expect(await verifier.accepts(await forge({}))).toBe(true);
  });

  it.each<[string, Forgery]>([
    ['has ended', { claims: { iat: seconds() - 120, exp: seconds() - 60 } }],
    ['was made too long ago for its life', { claims: { iat: seconds() - 300 } }],
    ['is of the future', { claims: { iat: seconds() + 300, exp: seconds() + 360 } }],
    ['names another issuer', { claims: { iss: 'yanxiu' } }],
    ['is for callers', { claims: { aud: 'yanxiu' } }],
    ['has no end', { claims: { exp: undefined } }],
    ['has no beginning', { claims: { iat: undefined } }],
    ['is of another type', { header: { typ: 'JWT' } }],
    ['names a key that is not there', { header: { kid: '../../etc/passwd' } }],
  ])('does not count when it %s', async (_what, forgery) => {
    expect(await verifier.accepts(await forge(forgery))).toBe(false);
  });

  it('does not count when another key, or none, has signed it', async () => {
    const other = await ensureGatewayKey(join(dataDir, 'other'));
    const stranger = await CredentialSigner.open(other.keyFile);
    const { payload } = { payload: { iss: 'yanxiu-gateway', aud: 'yanxiu:hours' } };
    const unsigned = new UnsecuredJWT(payload).setIssuedAt().setExpirationTime('60s').encode();
    for (const text of [await stranger.credentialFor('hours'), unsigned, 'nonsense', '', undefined])
      expect([text, await verifier.accepts(text)]).toEqual([text, false]);
  });

  it('is signed once in 30 s, and renewed well before it ends', async () => {
    jest.useFakeTimers({ now: Date.now(), doNotFake: ['nextTick', 'setImmediate', 'setTimeout'] });
    const signer = await CredentialSigner.open(files.keyFile);
    const [first, same] = await Promise.all([1, 2].map(() => signer.credentialFor('hours')));
    expect(same).toBe(first);
    jest.setSystemTime(Date.now() + 25_000);
    expect(await signer.credentialFor('hours')).toBe(first);
    jest.setSystemTime(Date.now() + 10_000);
    const [second, alike] = await Promise.all([1, 2].map(() => signer.credentialFor('hours')));
    expect(alike).toBe(second);
    expect(second).not.toBe(first);
    expect(await verifier.accepts(first)).toBe(true);
    jest.setSystemTime(Date.now() + 35_000);
    expect(await verifier.accepts(first)).toBe(false);
    expect(await verifier.accepts(second)).toBe(true);
  });

  it('is taken under two keys while the key is exchanged, and the first then no more', async () => {
    const { keyFile: newKey, jwksFile: newJwks } = await ensureGatewayKey(join(dataDir, 'next'));
    const old = await read<JSONWebKeySet>(files.jwksFile);
    const next = await read<JSONWebKeySet>(newJwks);
    const signer = await CredentialSigner.open(files.keyFile);
    const before = await signer.credentialFor('hours');
    await writeFile(files.jwksFile, JSON.stringify({ keys: [...old.keys, ...next.keys] }));
    expect(await verifier.accepts(before)).toBe(true);
    const after = await (await CredentialSigner.open(newKey)).credentialFor('hours');
    expect(await verifier.accepts(after)).toBe(true);
    const unseen = await forge({ claims: { iat: seconds() - 1 } });
    await writeFile(files.jwksFile, JSON.stringify(next));
    expect(await verifier.accepts(unseen)).toBe(false);
    await copyFile(newKey, files.keyFile);
    const reread = await (await CredentialSigner.open(files.keyFile)).credentialFor('hours');
    expect(await verifier.accepts(reread)).toBe(true);
  });

  it('comes of a key that its owner alone reads, made once', async () => {
    expect((await stat(files.keyFile)).mode & 0o777).toBe(0o600);
    expect(await readFile(files.jwksFile, 'utf8')).not.toContain('"d"');
    const key = await readFile(files.keyFile, 'utf8');
    await Promise.all([1, 2, 3].map(() => ensureGatewayKey(dataDir)));
    expect(await readFile(files.keyFile, 'utf8')).toBe(key);
  });

  it('is a clear error without its files', async () => {
    await expect(CredentialSigner.open(join(dataDir, 'none'))).rejects.toThrow('ENOENT');
    await expect(CredentialVerifier.open(join(dataDir, 'none'), 'hours')).rejects.toThrow('ENOENT');
    await writeFile(files.jwksFile, '{"keys":[]}');
    const empty = CredentialVerifier.open(files.jwksFile, 'hours');
    await expect(empty).rejects.toThrow('holds no key');
  });
});
