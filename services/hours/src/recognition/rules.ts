import type { ParticipationCompleted } from '@yanxiu/contracts/training';
import type { PolicySet } from '@yanxiu/registry/policy';
import { limitsOf } from './caps.js';
import { attendedOf, piecesOf, type Piece, type Session } from './session.js';
import { traceLine, type TraceLine } from './trace.js';
import { centihoursOf } from './unit.js';

export { datesOf, modalityOf, type Session } from './session.js';

export type Level = ParticipationCompleted['level'];

/** Where hours come from: projects, schools' own training, and what teachers claim. */
export type Source =
  | 'PARTICIPATION'
  | 'SCHOOL_BASED'
  | 'SELF_STUDY'
  | 'SMART_EDUCATION'
  | 'EXTERNAL'
  | 'DEGREE'
  | 'OVERSEAS';

/** What hours are claimed for, with the parameters in force on its first date. */
export interface Cause {
  causeId: string;
  source: Source;
  category: string;
  /** Level of the project; null for a claim, which ranks after every project. */
  level: Level | null;
  sessions: readonly Session[];
  policies: PolicySet;
}

/** A posting to be: the hours of one calendar year. */
export interface Credit {
  year: number;
  minutes: number;
  /** Minutes of that year before any rule. */
  rawMinutes: number;
  centihours: number;
  /** Last local date with credit in that year. */
  validOn: string;
}

/** What becomes of a cause. */
export interface Outcome {
  /** The rule that refuses it; null when it is accepted. */
  rule: string | null;
  trace: TraceLine[];
  plannedMinutes: number;
  attendedMinutes: number;
  creditedMinutes: number;
  /** Credited minutes by local date. */
  days: { date: string; minutes: number }[];
  credits: Credit[];
}

interface Claim extends Piece {
  cause: Cause;
  session: Session;
  rank: number;
}

interface Interval {
  start: number;
  end: number;
}

const MINUTE = 60_000;
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const total = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);

/** HOURS-ABSENCE: no credit when more than the allowed share of the planned minutes was missed. */
export function isAbsent({ sessions, policies }: Cause): boolean {
  const planned = total(sessions, ({ plannedMinutes }) => plannedMinutes);
  const attended = total(sessions, attendedOf);
  const share = policies.value<number>('hours.maxAbsenceShare');
  return attended === 0 || (planned - attended) * 100 > share * planned;
}

/** HOURS-OVERLAP: registrar's rank, then session start, then cause id; never order of arrival. */
function claimsInRank(causes: readonly Cause[]): Claim[] {
  const claims = causes.flatMap((cause) => {
    const ranks = cause.policies.value<string[]>('hours.registrarRank');
    const index = cause.level === null ? -1 : ranks.indexOf(cause.level);
    const rank = index < 0 ? ranks.length : index;
    return cause.sessions.flatMap((session) =>
      piecesOf(session).map((piece) => ({ cause, session, rank, ...piece })),
    );
  });
  return claims
    .filter(({ minutes }) => minutes > 0)
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        Date.parse(a.session.startsAt) - Date.parse(b.session.startsAt) ||
        byText(a.cause.causeId, b.cause.causeId) ||
        byText(a.session.sessionId, b.session.sessionId) ||
        a.start - b.start,
    );
}

/** Minutes of `claim` in which someone ranked before it has a claim, each counted once. */
function takenMinutes(claim: Interval, taken: readonly Interval[]): number {
  let [covered, reached] = [0, claim.start];
  for (const other of [...taken].sort((a, b) => a.start - b.start)) {
    const start = Math.max(other.start, reached);
    const end = Math.min(other.end, claim.end);
    if (end <= start) continue;
    covered += end - start;
    reached = end;
  }
  return Math.ceil(covered / MINUTE);
}

/** HOURS-CAP in whole minutes: the day's hours by the length of an hour. */
export const capMinutes = (policies: PolicySet): number =>
  Math.floor(
    (policies.value<number>('hours.dayCap') * policies.value<number>('hours.minutesPerHour')) / 100,
  );

/** What a claim came down to on its date. */
interface Settled extends Claim {
  afterOverlap: number;
  afterDayCap: number;
  credited: number;
  /** What each cap on its source left of it. */
  capped: { about: string; before: number; after: number }[];
}

function settle(claims: readonly Claim[]): Settled[] {
  const taken: Interval[] = [];
  const settled: Settled[] = [];
  const creditedBefore = (counts: (claim: Settled) => boolean) =>
    total(settled.filter(counts), ({ credited }) => credited);
  for (const claim of claims) {
    const { cause, date } = claim;
    const afterOverlap = Math.max(0, claim.minutes - takenMinutes(claim, taken));
    taken.push(claim);
    const ofDay = creditedBefore((earlier) => earlier.date === date);
    const afterDayCap = Math.min(afterOverlap, Math.max(0, capMinutes(cause.policies) - ofDay));
    let credited = afterDayCap;
    const capped = limitsOf(cause, date).map(({ about, maxMinutes, covers }) => {
      const used = creditedBefore((earlier) => covers(earlier.cause, earlier.date));
      const before = credited;
      credited = Math.min(before, Math.max(0, maxMinutes - used));
      return { about, before, after: credited };
    });
    settled.push({ ...claim, afterOverlap, afterDayCap, credited, capped });
  }
  return settled;
}

/**
 * Decides on all causes of one teacher that hang together by shared local dates, and by years or
 * cycles where a source has a cap over them. The result
 * depends on the set of causes alone, never on the order in which they came.
 */
export function recognise(causes: readonly Cause[]): Map<string, Outcome> {
  const absent = causes.filter(isAbsent);
  const present = causes.filter((cause) => !absent.includes(cause));
  const settled = settle(claimsInRank(present));
  return new Map([
    ...absent.map((cause) => [cause.causeId, refusedForAbsence(cause)] as const),
    ...present.map((cause) => {
      const own = settled.filter((claim) => claim.cause === cause);
      return [cause.causeId, outcomeOf(cause, own)] as const;
    }),
  ]);
}

const minutesOf = ({ sessions }: Cause) => ({
  plannedMinutes: total(sessions, ({ plannedMinutes }) => plannedMinutes),
  attendedMinutes: total(sessions, attendedOf),
});

function refusedForAbsence(cause: Cause): Outcome {
  const minutes = minutesOf(cause);
  return {
    rule: 'HOURS-ABSENCE',
    trace: attendance(cause, minutes, 0),
    ...minutes,
    creditedMinutes: 0,
    days: [],
    credits: [],
  };
}

/** The first two lines of every trace: what was attended, and whether that is enough. */
const attendance = (
  { policies }: Cause,
  { plannedMinutes: planned, attendedMinutes: attended }: ReturnType<typeof minutesOf>,
  after: number,
): TraceLine[] => [
  traceLine('ATTENDED', [planned, attended], policies),
  traceLine('ABSENCE', [attended, after], policies),
];

function outcomeOf(cause: Cause, own: readonly Settled[]): Outcome {
  const { policies } = cause;
  const minutes = minutesOf(cause);
  const attended = minutes.attendedMinutes;
  const days = [...new Set(own.map(({ date }) => date))].sort().map((date): Day => {
    const claims = own.filter((claim) => claim.date === date);
    return {
      date,
      raw: total(claims, (claim) => claim.minutes),
      afterOverlap: total(claims, (claim) => claim.afterOverlap),
      afterDayCap: total(claims, (claim) => claim.afterDayCap),
      minutes: total(claims, (claim) => claim.credited),
    };
  });
  const afterOverlap = total(days, (day) => day.afterOverlap);
  const creditedMinutes = total(days, (day) => day.minutes);
  const credits = creditsOf(days, policies.value<number>('hours.minutesPerHour'));
  return {
    rule: refusalOf(afterOverlap, creditedMinutes),
    trace: [
      ...attendance(cause, minutes, attended),
      traceLine('OVERLAP', [attended, afterOverlap], policies),
      ...days.map(({ date, afterOverlap, afterDayCap }) =>
        traceLine('CAP', [afterOverlap, afterDayCap], policies, date),
      ),
      ...sourceCaps(cause, own),
      ...credits.map(({ year, minutes }) =>
        traceLine('UNIT', [minutes, minutes], policies, String(year)),
      ),
    ],
    ...minutes,
    creditedMinutes,
    days: days.map(({ date, minutes }) => ({ date, minutes })),
    credits,
  };
}

/** What a cause came down to on one local date. */
interface Day {
  date: string;
  raw: number;
  afterOverlap: number;
  afterDayCap: number;
  minutes: number;
}

/** A line for each cap on the source, or one that says that there is none. */
function sourceCaps({ policies }: Cause, own: readonly Settled[]): TraceLine[] {
  const caps = own.flatMap(({ capped }) => capped);
  if (caps.length === 0) {
    const minutes = total(own, ({ afterDayCap }) => afterDayCap);
    return [traceLine('SOURCE_CAP', [minutes, minutes], policies)];
  }
  return [...new Set(caps.map(({ about }) => about))].sort().map((about) => {
    const ofCap = caps.filter((cap) => cap.about === about);
    const minutes: [number, number] = [
      total(ofCap, ({ before }) => before),
      total(ofCap, ({ after }) => after),
    ];
    return traceLine('SOURCE_CAP', minutes, policies, about);
  });
}

/** Nothing is left: the rule that took the last of it. */
function refusalOf(afterOverlap: number, credited: number): string | null {
  if (credited > 0) return null;
  return afterOverlap === 0 ? 'HOURS-OVERLAP' : 'HOURS-CAP';
}

/** One posting for each calendar year (Asia/Shanghai) that has credit. */
function creditsOf(days: readonly Day[], minutesPerHour: number): Credit[] {
  const years = [...new Set(days.map(({ date }) => Number(date.slice(0, 4))))];
  return years.flatMap((year) => {
    const inYear = days.filter(({ date }) => date.startsWith(String(year)));
    const validOn = inYear.filter((day) => day.minutes > 0).at(-1)?.date;
    if (!validOn) return [];
    const minutes = total(inYear, (day) => day.minutes);
    const rawMinutes = total(inYear, (day) => day.raw);
    const centihours = centihoursOf(minutes, minutesPerHour);
    return [{ year, minutes, rawMinutes, centihours, validOn }];
  });
}
