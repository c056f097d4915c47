/** Rows of the synthetic ledger, as lines of COPY's text format. */

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

/** As UUIDv7: it rises with the time, so that indexes grow at their end. */
const risingId = (kind: number, instant: number, n: number): string => {
  const time = hex(instant, 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(kind, 3)}-8000-${hex(n, 12)}`;
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

/** The k-th cause of the n-th teacher with all that hangs on it. */
interface Place {
  teacher: string;
  cause: string;
  decision: string;
  entry: string;
  session: string;
  date: string;
  instant: string;
  year: number;
  minutes: number;
  unit: string;
}

const DAY = 86_400_000;

function placeOf(n: number, k: number, size: Size): Place {
  const ofYear = Math.ceil(size.each / YEARS);
  const year = FIRST_YEAR + Math.floor(k / ofYear);
  const day = 10 + (k % ofYear) * Math.floor(330 / ofYear);
  const start = Date.UTC(year, 0, 1, 1) + day * DAY;
  const date = new Date(start).toISOString().slice(0, 10);
  // Some 72 hours a year on average, so that about half of all years fall short.
  const average = (72 * 45) / ofYear;
  const minutes = Math.round(average * (0.7 + ((n * 7 + k * 13) % 61) / 100));
  const recorded = start + DAY;
  const id = (kind: number) => risingId(kind, recorded, n);
  return {
    teacher: teacherId(n),
    ...{ cause: id(1), decision: id(2), entry: id(3), session: id(4) },
    ...{ date, year, minutes, unit: unitOf(n, size) },
    instant: new Date(recorded).toISOString(),
  };
}

type Line = (place: Place, n: number, k: number) => string;

const project = (n: number, k: number): string =>
  risingId(5, Date.UTC(FIRST_YEAR, 0, 1), Math.floor(n / 40) * 64 + k);

/** Tables of the ledger in the order in which they refer to each other. */
export const LEDGER: Readonly<Record<string, Line>> = {
  'cause (teacher_id, id, enrolment_id, project_id, recorded_at, first_date, source, category, level, modality, registrar_code, unit_code)':
    (p, n, k) =>
      [p.teacher, p.cause, p.session, project(n, k), p.instant, p.date, 'PARTICIPATION']
        .concat('SUBJECT', 'COUNTY', 'FACE_TO_FACE', p.unit.slice(0, 6), p.unit)
        .join('\t'),
  'cause_session (teacher_id, cause_id, session_id, starts_at, ends_at, planned_minutes, attended_minutes, modality)':
    (p) =>
      [p.teacher, p.cause, p.session, `${p.date}T01:00:00Z`, `${p.date}T07:00:00Z`, p.minutes]
        .concat(p.minutes, 'FACE_TO_FACE')
        .join('\t'),
  'cause_date (teacher_id, local_date, cause_id)': (p) => [p.teacher, p.date, p.cause].join('\t'),
  'recognition_decision (teacher_id, cause_id, id, decided_at, planned_minutes, attended_minutes, credited_minutes, sequence, rule, trace)':
    (p) =>
      [p.teacher, p.cause, p.decision, p.instant, p.minutes, p.minutes, p.minutes, 1, '\\N']
        .concat(traceOf(p))
        .join('\t'),
  'hour_entry (id, teacher_id, cause_id, recorded_at, centihours, raw_minutes, valid_on, year, turn, decision_sequence, unit_code)':
    (p) =>
      [p.entry, p.teacher, p.cause, p.instant, Math.floor((200 * p.minutes + 45) / 90), p.minutes]
        .concat(p.date, p.year, 1, 1, p.unit)
        .join('\t'),
};

const traceOf = ({ minutes: m, date, year }: Place): string =>
  JSON.stringify([
    ['ATTENDED', m, m, null, null],
    ['ABSENCE', m, m, 1, null],
    ['OVERLAP', m, m, 1, null],
    ['CAP', m, m, 1, date],
    ['SOURCE_CAP', m, m, 1, null],
    ['UNIT', m, m, 1, String(year)],
  ]);

/** Rows of the k-th cause of teachers: entries come in the order of time, as they are posted. */
export function* ledgerLines(
  line: Line,
  [from, to]: readonly [number, number],
  k: number,
  size: Size,
): Generator<string> {
  for (let n = from; n < to; n += 1) yield line(placeOf(n, k, size), n, k);
}
