/** Rows of the synthetic province: units, teachers and posts as lines of COPY's text format. */
import { addDays } from '@yanxiu/subgraph/calendar';

export const PROVINCE = '140000';
const COUNTIES = 117;
const TEACHERS_A_SCHOOL = 32;
const FIRST_YEAR = 2021;
const YEARS = 5;

export interface Size {
  teachers: number;
  /** Entries of each teacher. */
  each: number;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** The n-th teacher. */
export const teacherId = (n: number): string => `00000000-0000-7000-8000-${hex(n, 12)}`;

/** Of a UUIDv7, which rises with the time, so that indexes grow at their end. */
const idPrefix = (kind: number, instant: number): string => {
  const time = hex(instant, 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(kind, 3)}-8000-`;
};

const SECTORS = [
  ...Array.from({ length: 17 }, () => ['BASIC', 'PRIMARY'] as const),
  ['VOCATIONAL', 'SECONDARY_VOCATIONAL'] as const,
  ...Array.from({ length: 2 }, () => ['HIGHER', 'HIGHER'] as const),
];
const SUBJECTS = ['语文', '数学', '英语', '物理', '化学', '历史', '音乐', '体育'];
const JUNIOR = ['BASIC', 'JUNIOR_SECONDARY'] as const;

/** Sector and stage go with the school. */
const kindOf = (school: number) =>
  school % 5 === 1 && (SECTORS[school % SECTORS.length]?.[0] ?? '') === 'BASIC'
    ? JUNIOR
    : (SECTORS[school % SECTORS.length] ?? JUNIOR);

const city = (c: number): string => `14${String((c % 11) + 1).padStart(2, '0')}`;
export const countyCode = (c: number): string =>
  city(c) + String(Math.floor(c / 11) + 1).padStart(2, '0');

export const schoolsOf = ({ teachers }: Size): number =>
  Math.max(COUNTIES, Math.round(teachers / TEACHERS_A_SCHOOL));

const schoolCode = (s: number): string => countyCode(s % COUNTIES) + String(s).padStart(5, '0');
const schoolOf = (n: number, size: Size): number => n % schoolsOf(size);
export const unitOf = (n: number, size: Size): string => schoolCode(schoolOf(n, size));

export function* units(size: Size): Generator<string> {
  const line = (code: string, tier: string, sector: string, parent: string, path: string) =>
    [code, code, tier, sector, '\\N', parent, path, '2000-01-01'].join('\t');
  yield line(PROVINCE, 'PROVINCE', '\\N', '\\N', PROVINCE);
  for (let c = 0; c < 11; c += 1) {
    yield line(`${city(c)}00`, 'CITY', '\\N', PROVINCE, `${PROVINCE}.${city(c)}00`);
  }
  const pathOf = (c: number) => `${PROVINCE}.${city(c)}00.${countyCode(c)}`;
  for (let c = 0; c < COUNTIES; c += 1) {
    yield line(countyCode(c), 'COUNTY', '\\N', `${city(c)}00`, pathOf(c));
  }
  for (let s = 0; s < schoolsOf(size); s += 1) {
    const c = s % COUNTIES;
    const code = schoolCode(s);
    yield line(code, 'SCHOOL', kindOf(s)[0], countyCode(c), `${pathOf(c)}.${code}`);
  }
}

export function* teachers(from: number, to: number, size: Size): Generator<string> {
  for (let n = from; n < to; n += 1) {
    const [sector, stage] = kindOf(schoolOf(n, size));
    const subject = SUBJECTS[n % SUBJECTS.length];
    yield [teacherId(n), sector, stage, '2012-09-01', '\\N', subject].join('\t');
  }
}

export function* posts(from: number, to: number, size: Size): Generator<string> {
  for (let n = from; n < to; n += 1) {
    const [sector, stage] = kindOf(schoolOf(n, size));
    yield [teacherId(n), unitOf(n, size), sector, stage, '2012-09-01', '2021-01-01'].join('\t');
  }
}

const DAY = 86_400_000;
/** So many amounts of minutes, by turns among teachers. */
export const VARIANTS = 61;

/** The k-th cause of each teacher: all have theirs on the same days. */
export interface Place {
  k: number;
  date: string;
  year: number;
  instant: string;
  /** Of ids all but a number: cause, enrolment, decision, entry, two sessions, project. */
  prefixes: string[];
}

const placeOf = (k: number, size: Size): Place => {
  const ofYear = Math.ceil(size.each / YEARS);
  const year = FIRST_YEAR + Math.floor(k / ofYear);
  const day = 10 + (k % ofYear) * Math.floor(330 / ofYear);
  const start = Date.UTC(year, 0, 1, 1) + day * DAY;
  const recorded = start + 2 * DAY;
  const ids = [1, 2, 3, 4, 5, 6].map((kind) => idPrefix(kind, recorded));
  return {
    ...{ k, year },
    date: new Date(start).toISOString().slice(0, 10),
    instant: new Date(recorded).toISOString(),
    prefixes: [...ids, idPrefix(16 + k, Date.UTC(FIRST_YEAR, 0, 1))],
  };
};

export const places = (size: Size): Place[] =>
  Array.from({ length: size.each }, (_, k) => placeOf(k, size));

/** What the causes of a day come to: by the remainder of 7 n + 13 k, for the n-th teacher. */
export interface Variant {
  k: number;
  r: number;
  minutes: number;
  centihours: number;
  trace: unknown[];
}

export function variants(size: Size): Variant[] {
  // Some 72 hours a year on average, so that about half of all years fall short.
  const average = (72 * 45) / Math.ceil(size.each / YEARS);
  return places(size).flatMap((place) =>
    Array.from({ length: VARIANTS }, (_, r) => {
      const minutes = Math.round(average * (0.7 + r / 100));
      const centihours = Math.floor((200 * minutes + 45) / 90);
      return { k: place.k, r, minutes, centihours, trace: traceOf(place, minutes) };
    }),
  );
}

const traceOf = ({ date, year }: Place, m: number): unknown[] => [
  ['ATTENDED', m, m, null, null],
  ['ABSENCE', m, m, 1, null],
  ['OVERLAP', m, m, 1, null],
  ['CAP', Math.floor(m / 2), Math.floor(m / 2), 1, date],
  ['CAP', Math.ceil(m / 2), Math.ceil(m / 2), 1, addDays(date, 1)],
  ['SOURCE_CAP', m, m, 1, null],
  ['UNIT', m, m, 1, String(year)],
];
