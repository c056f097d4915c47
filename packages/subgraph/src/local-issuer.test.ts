import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { ensureLocalIssuer, mintToken, personaClaims, PersonaError } from './local-issuer.js';

const directory = {
  personas: [
    { persona: 'city-officer', zh: '市级培训管理员', role: 'OFFICER', unit: '140400', name: '李' },
    { persona: 'teacher', zh: '教师', role: 'TEACHER', unit: 'S1' },
    { persona: 'institution-staff', zh: '承训机构', role: 'INSTITUTION', unit: '140000' },
  ],
  teachersByUnit: { S1: ['t-1', 't-2'], S2: ['t-3'] },
  institutions: ['I-1', 'I-2'],
  units: ['140000', '140400', '140500', 'S1', 'S2'],
};

describe('the local issuer', () => {
  let dataDir = '';
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'yanxiu-issuer-'));
    await writeFile(join(dataDir, 'personas.json'), JSON.stringify(directory));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('is made once, even when several processes start together, and only its owner reads it', async () => {
    const made = await Promise.all([1, 2, 3, 4].map(() => ensureLocalIssuer(dataDir)));
    expect(new Set(made.map((each) => each.issuer)).size).toBe(1);
    expect(made[0]?.issuer).toMatch(/^urn:yanxiu:local:[0-9a-f-]{36}$/);
    const file = await stat(join(dataDir, 'issuer', 'private.jwk.json'));
    expect(file.mode & 0o777).toBe(0o600);
    const again = await ensureLocalIssuer(dataDir);
    expect(again).toEqual(made[0]);
  });

  it('signs a token that its published keys verify', async () => {
    const claims = await personaClaims(dataDir, 'city-officer');
    const token = await mintToken(dataDir, claims, { ttlSeconds: 60 });
    const { issuer, jwksFile } = await ensureLocalIssuer(dataDir);
    const jwks = JSON.parse(await readFile(jwksFile, 'utf8')) as JSONWebKeySet;
    expect(JSON.stringify(jwks)).not.toContain('"d":');
    const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), {
      issuer,
      audience: 'yanxiu',
    });
    expect(payload).toMatchObject({ sub: 'city-officer:140400:1', role: 'OFFICER', name: '李' });
  });

  it('refuses a life of more than 12 hours', async () => {
    const claims = await personaClaims(dataDir, 'city-officer');
    await expect(mintToken(dataDir, claims, { ttlSeconds: 43_201 })).rejects.toThrow('at most');
    await expect(mintToken(dataDir, claims, { ttlSeconds: 43_200 })).resolves.toContain('.');
  });

  it.each([
    ['city-officer', { org: '140500' }, { unit: '140500', sub: 'city-officer:140500:1' }],
    ['city-officer', { n: 2 }, { unit: '140400', sub: 'city-officer:140400:2' }],
    ['teacher', {}, { unit: 'S1', teacher: 't-1', sub: 't-1' }],
    ['teacher', { n: 2 }, { unit: 'S1', teacher: 't-2' }],
    ['teacher', { org: 'S2' }, { unit: 'S2', teacher: 't-3' }],
    ['institution-staff', {}, { institution: 'I-1', unit: '140000' }],
    ['institution-staff', { org: 'I-2' }, { institution: 'I-2' }],
  ])('gives %s with %j its claims', async (persona, options, expected) => {
    expect(await personaClaims(dataDir, persona, options)).toMatchObject(expected);
  });

  it.each([
    ['nobody', {}, 'there are: city-officer, teacher, institution-staff'],
    ['city-officer', { org: '999999' }, '140000, 140400, 140500'],
    ['teacher', { org: 'S9' }, 'there are: S1, S2'],
    ['teacher', { n: 3 }, 'has 2 teachers'],
    ['teacher', { n: 0 }, 'whole number'],
    ['institution-staff', { org: 'I-9' }, 'there are: I-1, I-2'],
  ])('refuses %s with %j and says what exists', async (persona, options, message) => {
    const asked = personaClaims(dataDir, persona, options);
    await expect(asked).rejects.toThrow(PersonaError);
    await expect(asked).rejects.toThrow(message);
  });

  it('says to seed first when there are no personas yet', async () => {
    await rm(join(dataDir, 'personas.json'));
    await expect(personaClaims(dataDir, 'teacher')).rejects.toThrow('yanxiu seed');
  });
});
