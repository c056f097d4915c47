/** Every figure of the synthetic province in one table; sources in `docs/generator.md`. */

export type Sector = 'BASIC' | 'VOCATIONAL' | 'HIGHER';
export type Stage =
  | 'KINDERGARTEN'
  | 'PRIMARY'
  | 'JUNIOR_SECONDARY'
  | 'SENIOR_SECONDARY'
  | 'SPECIAL'
  | 'SECONDARY_VOCATIONAL'
  | 'HIGHER';
export type SizeName = 'bare' | 'tiny' | 'tenth' | 'full';
/**
 * How training is told: by the commands of each project, or, of what has finished, by entering it
 * into the ledger of hours (decision 22).
 */
export type Way = 'COMMANDS' | 'BULK';

export interface Size {
  /** Years before the present one that have a history; null: no history at all. */
  yearsBefore: number | null;
  /** Some counties of two cities, or all of the province. */
  tree: 'PART' | 'WHOLE';
  way: Way;
  /** Windows of a year that a teacher takes part in, alone or besides a week away. */
  windows: { usual: number; away: number };
  /** How many reserved areas ID numbers are taken from: of one, 50 women have one birthday. */
  areas: number;
  /** Members of staff whom payroll and public funds count for each teacher of the sample. */
  staffPerTeacher: number;
  /** Schools and teachers of each stage, over all counties together. */
  stages: Readonly<Record<Stage, { schools: number; teachers: number }>>;
}

/** The cities and counties of the small sizes: 长治 and 晋中. */
export const SMALL_CITIES = ['140400', '140700'];
export const SMALL_COUNTIES = ['140403', '140404', '140423', '140428', '140702', '140728'];

/** Percent of the population of each city (census of 2020), by which teachers are spread. */
export const CITY_SHARES: Readonly<Record<string, number>> = {
  140100: 15.19,
  140200: 8.89,
  140300: 3.78,
  140400: 9.11,
  140500: 6.29,
  140600: 4.56,
  140700: 9.68,
  140800: 13.67,
  140900: 7.7,
  141000: 11.39,
  141100: 9.73,
};

const SMALL = { tree: 'PART', windows: { usual: 4, away: 2 }, areas: 1 } as const;
const LARGE = { tree: 'WHOLE', windows: { usual: 6, away: 4 }, way: 'BULK' } as const;

// At small sizes teachers by the shares of the province: 70, 168, 112, 60, 2, 25 and 46 thousand
// of 483. Of schools there are more than their shares, so that every county has some of each.
export const SIZES: Readonly<Record<SizeName, Size>> = {
  bare: {
    ...SMALL,
    yearsBefore: null,
    way: 'COMMANDS',
    staffPerTeacher: 40,
    stages: {
      KINDERGARTEN: { schools: 1, teachers: 3 },
      PRIMARY: { schools: 6, teachers: 18 },
      JUNIOR_SECONDARY: { schools: 3, teachers: 9 },
      SENIOR_SECONDARY: { schools: 1, teachers: 3 },
      SPECIAL: { schools: 0, teachers: 0 },
      SECONDARY_VOCATIONAL: { schools: 1, teachers: 4 },
      HIGHER: { schools: 1, teachers: 3 },
    },
  },
  tiny: {
    ...SMALL,
    yearsBefore: 2,
    way: 'COMMANDS',
    staffPerTeacher: 1,
    stages: {
      KINDERGARTEN: { schools: 19, teachers: 174 },
      PRIMARY: { schools: 23, teachers: 417 },
      JUNIOR_SECONDARY: { schools: 10, teachers: 278 },
      SENIOR_SECONDARY: { schools: 5, teachers: 149 },
      SPECIAL: { schools: 1, teachers: 6 },
      SECONDARY_VOCATIONAL: { schools: 1, teachers: 62 },
      HIGHER: { schools: 1, teachers: 114 },
    },
  },
  tenth: {
    ...LARGE,
    yearsBefore: 4,
    staffPerTeacher: 1,
    areas: 1,
    stages: {
      KINDERGARTEN: { schools: 680, teachers: 7_000 },
      PRIMARY: { schools: 550, teachers: 16_700 },
      JUNIOR_SECONDARY: { schools: 165, teachers: 11_100 },
      SENIOR_SECONDARY: { schools: 50, teachers: 6_000 },
      SPECIAL: { schools: 8, teachers: 200 },
      SECONDARY_VOCATIONAL: { schools: 37, teachers: 2_500 },
      HIGHER: { schools: 8, teachers: 4_500 },
    },
  },
  full: {
    ...LARGE,
    yearsBefore: 4,
    staffPerTeacher: 1,
    areas: 10,
    stages: {
      KINDERGARTEN: { schools: 6_800, teachers: 70_000 },
      PRIMARY: { schools: 5_500, teachers: 168_000 },
      JUNIOR_SECONDARY: { schools: 1_650, teachers: 112_000 },
      SENIOR_SECONDARY: { schools: 500, teachers: 60_000 },
      SPECIAL: { schools: 75, teachers: 2_000 },
      SECONDARY_VOCATIONAL: { schools: 370, teachers: 25_000 },
      HIGHER: { schools: 84, teachers: 46_000 },
    },
  },
};

export const SECTOR_OF: Readonly<Record<Stage, Sector>> = {
  KINDERGARTEN: 'BASIC',
  PRIMARY: 'BASIC',
  JUNIOR_SECONDARY: 'BASIC',
  SENIOR_SECONDARY: 'BASIC',
  SPECIAL: 'BASIC',
  SECONDARY_VOCATIONAL: 'VOCATIONAL',
  HIGHER: 'HIGHER',
};

/** Counties of one city vary log-normally in size. */
export const COUNTY_SIGMA = 0.5;
export const LOCATION = { CITY: 30, TOWN: 45, RURAL: 25 } as const;
export type Location = keyof typeof LOCATION;

export const WOMEN = 0.7;
export const WOMEN_KINDERGARTEN = 0.97;
/** A year: leavers and joiners, transfers. */
export const TURNOVER = 0.03;
export const TRANSFERS = 0.02;
/** Share of teachers who begin a long leave (长期请假) in a year. */
export const LONG_LEAVE = 0.015;
/** Reasons that exempt (A3): in percent, and days of leave from and to. */
export const LEAVES = {
  MATERNITY: { share: 45, days: [158, 158] },
  SICK: { share: 40, days: [60, 180] },
  SECONDMENT: { share: 15, days: [181, 365] },
} as const;
/** Ages at which a woman may be on maternity leave. */
export const MATERNITY_AGE = [23, 45] as const;
/** Percent of teachers on each rung. */
export const LADDER = { NEW: 12, YOUNG: 43, BACKBONE: 38, MASTER: 7 } as const;

/** Hours of a year (学时): a share stays below the minimum, the rest lies above it. */
export const HOURS = {
  BASIC: { minimum: 72, short: 0.14, shortFrom: 20, excess: 14, ruralLess: 6 },
  VOCATIONAL: { minimum: 90, short: 0.28, shortFrom: 30, excess: 12, ruralLess: 0 },
} as const;
/** Attendance, and the share of participants who miss a fifth or more. */
export const ATTENDANCE = { mean: 0.94, absent: 0.03 };
export const CLASS_SIZE = { most: 60 };

export const MONEY = {
  /** Yuan a year for a member of staff, from and to. */
  staff: [85_000, 95_000],
  universityStaff: 130_000,
  /** Public funds for a pupil, in yuan. */
  pupil: {
    KINDERGARTEN: 720,
    PRIMARY: 720,
    JUNIOR_SECONDARY: 940,
    SENIOR_SECONDARY: 1_200,
    SPECIAL: 1_200,
    SECONDARY_VOCATIONAL: 1_200,
    HIGHER: 1_200,
  },
  pupilsPerTeacher: 15,
  /** Yuan a person: a day face to face, an hour online. */
  day: [300, 450],
  onlineHour: [1, 3],
  /** Budgeted ÷ statutory of a county: 15 % at or above 1. */
  budgeted: { mean: 0.82, deviation: 0.174, lowest: 0.4, highest: 1.2 },
  spent: 0.88,
} as const;

export const EVALUATION = {
  response: 0.68,
  mean: 4.35,
  deviation: 0.55,
  institutionDeviation: 0.2,
  straightLine: 0.17,
  /** Answers without which there is no composite, and days until a file closes without it. */
  fewest: 8,
  deadline: 70,
  /** Weight of the participants' view in the agency's score. */
  agencyAgrees: 0.5,
} as const;
