import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeJwt } from 'jose';
import { ensureLocalIssuer } from '@yanxiu/subgraph/local-issuer';
import { personaToken } from './token.js';

describe('yanxiu token', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'yanxiu-token-'));
  });

  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  const prepare = async (): Promise<void> => {
    await ensureLocalIssuer(dataDir);
    const personas = [
      { persona: 'city-officer', zh: '市级', role: 'OFFICER', unit: '140100' },
      { persona: 'teacher', zh: '教师', role: 'TEACHER', unit: 'S1' },
    ];
    const directory = { personas, teachersByUnit: { S1: ['t-1', 't-2'] }, institutions: [] };
    await writeFile(path.join(dataDir, 'personas.json'), JSON.stringify(directory));
  };

  it('speaks for the persona, for another unit and for a given teacher', async () => {
    await prepare();
    const env = { YANXIU_DATA_DIR: dataDir };
    const officer = decodeJwt(await personaToken('city-officer', { org: '140200' }, env));
    expect(officer).toMatchObject({ role: 'OFFICER', unit: '140200', aud: 'yanxiu' });
    const teacher = decodeJwt(await personaToken('teacher', { teacher: 't-9', ttl: 60 }, env));
    expect(teacher).toMatchObject({ sub: 't-9', teacher: 't-9' });
    expect((teacher.exp ?? 0) - (teacher.iat ?? 0)).toBe(60);
    await expect(personaToken('city-officer', { teacher: 't-9' }, env)).rejects.toThrow(/teacher/);
  });

  it('says what to do where there is no platform, and where there is no local issuer', async () => {
    const env = { YANXIU_DATA_DIR: dataDir };
    await expect(personaToken('teacher', {}, env)).rejects.toThrow(/run "npm start" first/);
    await prepare();
    const given = { ...env, OIDC_ISSUER: 'https://issuer.example' };
    await expect(personaToken('teacher', {}, given)).rejects.toThrow(/OIDC issuer/);
  });
});
