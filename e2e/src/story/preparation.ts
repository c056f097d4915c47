import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { idNumber, line, writeCsv, writeXlsx } from './roster.js';
import type { World } from './world.js';

/** Finds the places of the story in the seeded province. */
export async function findPlaces(world: World): Promise<void> {
  const asker = { persona: 'province-officer' };
  const units = async (under: string, tier: string, sector?: string) => {
    const { orgUnits } = await world.ask<{
      orgUnits: { nodes: { code: string; stage: string | null; parent: { code: string } }[] };
    }>(
      `query($under: ID!, $tier: Tier!, $sector: Sector) {
        orgUnits(under: $under, tier: $tier, sector: $sector, first: 200) {
          nodes { code stage parent { code } } } }`,
      { under, tier, sector },
      asker,
    );
    return orgUnits.nodes;
  };
  const city = '140400';
  const schools = (await units(city, 'SCHOOL', 'BASIC')).filter((s) => s.stage === 'PRIMARY');
  const counties = [...new Set(schools.map((school) => school.parent.code))]
    .filter((code) => code !== city)
    .slice(0, 2);
  const primaryOf = (county?: string) =>
    schools.find((school) => school.parent.code === county)?.code ?? '';
  const [vocational] = await units(city, 'SCHOOL', 'VOCATIONAL');
  const { trainingInstitutions } = await world.ask<{
    trainingInstitutions: {
      nodes: {
        id: string;
        code: string;
        accreditations: { categories: string[]; sectors: string[] }[];
      }[];
    };
  }>(
    `{ trainingInstitutions(sector: "BASIC", first: 50) {
        nodes { id code accreditations { categories sectors } } } }`,
    {},
    asker,
  );
  const found = trainingInstitutions.nodes[0];
  const category = found?.accreditations.find((a) => a.sectors.includes('BASIC'))?.categories[0];
  expect({ counties: counties.length, vocational, category }).toEqual({
    counties: 2,
    vocational: expect.anything(),
    category: expect.any(String),
  });
  world.places = {
    city,
    counties: counties as [string, string],
    schools: [primaryOf(counties[0]), primaryOf(counties[1])],
    vocationalSchool: vocational?.code ?? '',
    institution: { id: found?.id ?? '', code: found?.code ?? '', category: category ?? '' },
  };
}

/** Step 1: a county officer imports a roster; two bad rows are reported, the rest are in. */
export async function importRosters(world: World): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'yanxiu-roster-'));
  const [schoolA, schoolB] = world.places.schools;
  const [countyA, countyB] = world.places.counties;
  const good = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => line(`赵一${n}`, n, schoolA));
  const wrongDigit = { ...line('钱坏号', 50, schoolA), idNumber: `${idNumber(50).slice(0, 17)}?` };
  wrongDigit.idNumber = wrongDigit.idNumber.replace('?', idNumber(50).endsWith('1') ? '2' : '1');
  const unknownUnit = line('孙无校', 51, '1404999999');
  const roster = join(folder, '教师名册.xlsx');
  await writeXlsx(roster, [...good, wrongDigit, unknownUnit]);
  const as = (org: string) => [
    '--url',
    world.system.url,
    '--persona',
    'county-officer',
    '--org',
    org,
  ];
  const dry = await world.yanxiu('import', 'teachers', roster, '--dry-run', ...as(countyA));
  expect(dry.stdout).toContain('rejected 2');
  const first = await world.yanxiu('import', 'teachers', roster, ...as(countyA));
  expect(first.stdout).toMatch(/registered 8, unchanged 0, rejected 2/);
  expect(first.code).toBe(2);
  for (const part of ['教师名册', '11', '12', '身份证', '单位', 'check digit', '1404999999']) {
    expect(first.stdout).toContain(part);
  }
  expect(first.stdout + first.stderr).not.toContain(wrongDigit.idNumber);
  const again = await world.yanxiu('import', 'teachers', roster, ...as(countyA));
  expect(again.stdout).toMatch(/registered 0, unchanged 8, rejected 2/);

  const csv = join(folder, 'teachers.csv');
  await writeCsv(
    csv,
    [1, 2, 3, 4, 5, 6, 7].map((n) => line(`李二${n}`, 20 + n, schoolB)),
  );
  expect((await world.yanxiu('import', 'teachers', csv, ...as(countyB))).stdout).toMatch(
    /registered 7, unchanged 0, rejected 0/,
  );
  const vocational = join(folder, 'vocational.csv');
  await writeCsv(vocational, [line('周职业', 40, world.places.vocationalSchool)], '中职');
  const asCity = ['--url', world.system.url, '--persona', 'city-officer', '--org', '140400'];
  expect((await world.yanxiu('import', 'teachers', vocational, ...asCity)).stdout).toMatch(
    /registered 1/,
  );
  await findTeachers(world);
}

async function findTeachers(world: World): Promise<void> {
  const schools = [...world.places.schools, world.places.vocationalSchool];
  for (const [index, school] of schools.entries()) {
    const { teachers } = await world.ask<{
      teachers: { nodes: { id: string; name: string; idNumberMasked: string }[] };
    }>(
      'query($under: ID!) { teachers(under: $under, first: 200) { nodes { id name idNumberMasked } } }',
      { under: school },
      world.cityOfficer,
    );
    for (const { id, name, idNumberMasked } of teachers.nodes) {
      const [, family, n] = /^(赵一|李二|周职业)(\d?)$/.exec(name) ?? [];
      if (!family) continue;
      expect(idNumberMasked).toContain('*');
      world.plot.teachers[`${['a', 'b', 'v'][index]}${n || 1}`] = id;
    }
  }
  expect(Object.keys(world.plot.teachers)).toHaveLength(16);
}

/** Step 2: the city files its annual plan, the province accepts the filing. */
export async function filePlan(world: World): Promise<void> {
  const input = {
    unitCode: world.places.city,
    year: 2025,
    title: '长治市2025年教师培训计划',
    summary: '全员培训',
    items: [{ title: '骨干教师培训', sector: 'BASIC', participants: 13, budget: '60000.00' }],
  };
  const filed = await world.act<{ annualPlan: { id: string; status: string } }>(
    'fileAnnualPlan',
    'FileAnnualPlanInput',
    input,
    'annualPlan { id status }',
    world.cityOfficer,
  );
  expect(filed.annualPlan.status).toBe('FILED');
  const planId = filed.annualPlan.id;
  const accept = (asker: Parameters<World['act']>[4]) =>
    [
      'acceptAnnualPlan',
      'AcceptAnnualPlanInput',
      { planId },
      'annualPlan { status }',
      asker,
    ] as const;
  expect(await world.refusedAct(...accept(world.cityOfficer))).toMatchObject({ code: 'FORBIDDEN' });
  expect(await world.act(...accept(world.provinceOfficer))).toEqual({
    annualPlan: { status: 'ACCEPTED' },
  });
}
