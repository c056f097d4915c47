import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { startOidcIssuer, type OidcIssuer } from '@yanxiu/testkit/oidc-issuer';
import { createTokenVerifier, type TokenVerifier } from './token.js';

// Each issuer is a process of its own.
jest.setTimeout(120_000);

const OFFICER = { sub: 'officer-1', role: 'OFFICER', unit: '140000' };
const ACTOR = { subject: 'officer-1', claims: { role: 'OFFICER', unit: '140000' } };

describe('a real OpenID Connect issuer', () => {
  let issuer: OidcIssuer;
  const open = (url: string, refresh = { maxAgeMs: 300_000, cooldownMs: 1 }) =>
    createTokenVerifier(
      { kind: 'oidc', issuer: url, audience: 'yanxiu', roles: 'claims' },
      refresh,
    );
  const verdict = (verifier: TokenVerifier, token: string): Promise<unknown> =>
    verifier.verify(`Bearer ${token}`).catch((error: Error) => error.message);
  beforeAll(async () => {
    issuer = await startOidcIssuer();
  });
  afterAll(() => issuer.stop());

  it.each(['RS256', 'PS256', 'ES256'] as const)('is taken with keys of %s', async (algorithm) => {
    const other = await startOidcIssuer({ algorithm });
    try {
      const token = await other.sign(OFFICER);
      expect(decodeProtectedHeader(token)).toMatchObject({ alg: algorithm, typ: 'at+jwt' });
      expect(await verdict(await open(other.url), token)).toEqual(ACTOR);
      expect(await verdict(await open(issuer.url), token)).toBe('The token is not valid here.');
    } finally {
      await other.stop();
    }
  });

  it('may exchange its keys while we run: the new one is fetched, the old one ends', async () => {
    const verifier = await open(issuer.url);
    const before = await issuer.sign(OFFICER);
    expect(await verdict(verifier, before)).toEqual(ACTOR);
    await issuer.addKey();
    const after = await issuer.sign(OFFICER);
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    expect(await verdict(verifier, after)).toEqual(ACTOR);
    expect(await verdict(verifier, before)).toEqual(ACTOR);
    await issuer.dropOldKeys();
    // Nothing unknown comes in, so only the age of what we fetched can tell.
    const forgetful = await open(issuer.url, { maxAgeMs: 1, cooldownMs: 1 });
    expect(await verdict(forgetful, after)).toEqual(ACTOR);
    expect(await verdict(forgetful, before)).toBe('The token is not valid here.');
    await issuer.addKey();
    expect(await verdict(verifier, await issuer.sign(OFFICER))).toEqual(ACTOR);
    expect(await verdict(verifier, before)).toBe('The token is not valid here.');
  });

  it('is not asked again before the cool-down, whatever keys tokens name', async () => {
    const verifier = await open(issuer.url, { maxAgeMs: 300_000, cooldownMs: 300_000 });
    expect(await verdict(verifier, await issuer.sign(OFFICER))).toEqual(ACTOR);
    await issuer.addKey();
    const early = await issuer.sign(OFFICER);
    expect(await verdict(verifier, early)).toBe('The token is not valid here.');
    expect(await verdict(await open(issuer.url), early)).toEqual(ACTOR);
  });

  it('is not to be confused with one that takes its name', async () => {
    const impostor = await startOidcIssuer({ issuer: issuer.url });
    try {
      const forged = await impostor.sign(OFFICER);
      const verifier = await open(issuer.url);
      expect(await verdict(verifier, forged)).toBe('The token is not valid here.');
      expect(await verdict(verifier, await issuer.sign(OFFICER))).toEqual(ACTOR);
      await expect(open(impostor.url)).rejects.toThrow(`calls itself ${issuer.url}`);
    } finally {
      await impostor.stop();
    }
  });

  it('gives tokens for one audience and a while', async () => {
    const verifier = await open(issuer.url);
    const elsewhere = await issuer.sign(OFFICER, 'another-platform');
    expect(await verdict(verifier, elsewhere)).toBe('The token is not valid here.');
    const roleless = await issuer.sign({ sub: 'nobody' });
    expect(await verdict(verifier, roleless)).toBe('The token names no role and unit.');
  });
});
