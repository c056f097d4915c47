import { addDays, monday } from './calendar.js';

export type Level = 'NATIONAL' | 'PROVINCIAL' | 'CITY' | 'COUNTY' | 'SCHOOL';
export type Modality = 'FACE_TO_FACE' | 'ONLINE' | 'PLACEMENT' | 'SCHOOL_BASED';
export type WindowKind = 'COUNTY' | 'CITY' | 'PROVINCE' | 'ONLINE';

/** A week of the year in which one kind of training takes place, so that no two overlap. */
export interface Window {
  key: string;
  kind: WindowKind;
  /** Its Monday. */
  startsOn: string;
  /** Hours of one day, and the least and most of a class. */
  hoursADay: number;
  least: number;
  most: number;
}

const KINDS: Readonly<Record<WindowKind, Pick<Window, 'hoursADay' | 'least' | 'most'>>> = {
  COUNTY: { hoursADay: 8, least: 8, most: 24 },
  CITY: { hoursADay: 8, least: 8, most: 32 },
  PROVINCE: { hoursADay: 8, least: 40, most: 40 },
  ONLINE: { hoursADay: 4, least: 12, most: 20 },
};

const CALENDAR: readonly (readonly [WindowKind, string])[] = [
  ['COUNTY', '03-15'],
  ['CITY', '04-10'],
  ['PROVINCE', '05-06'],
  ['ONLINE', '05-16'],
  ['COUNTY', '09-15'],
  ['CITY', '10-12'],
  ['PROVINCE', '11-03'],
  ['ONLINE', '11-16'],
];

/** The windows of a year in their order. */
export const windowsOf = (year: number): Window[] =>
  CALENDAR.map(([kind, day], at) => ({
    key: `${year}-${at + 1}-${kind}`,
    kind,
    startsOn: monday(`${year}-${day}`),
    ...KINDS[kind],
  }));

/** A school's own training: four afternoons between the windows, two of them in each term. */
const MEETINGS = ['03-02', '05-24', '09-04', '10-24'];

/** Wednesdays on which a school meets. */
export const meetingsOf = (year: number): string[] =>
  MEETINGS.map((day) => addDays(monday(`${year}-${day}`), 2));
