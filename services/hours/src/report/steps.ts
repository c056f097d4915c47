import {
  requirementIfAny,
  verdictOf,
  type Requirement,
  type Verdict,
} from '../compliance/rules.js';
import type { Place, Places } from '../place/rules.js';
import type { Parameters } from '../policy/rules.js';
import { postOn, type Leave, type Post } from '../teacher/rules.js';
import { knownBefore } from './times.js';

/** What was recorded of a teacher, each with the day (Asia/Shanghai) of its recording. */
export interface History {
  /** In the order in which rules read them. */
  posts: (Omit<Post, 'path' | 'leaves'> & { recordedOn: string })[];
  /** In the order of their recording. */
  leaves: (Leave & { leaveId: string; withdrawn: boolean; recordedOn: string })[];
  hours: { year: number; validOn: string; recordedOn: string; centihours: number }[];
}

/** What a teacher counts as in a report: in these units, with this verdict. */
interface Value {
  units: readonly string[];
  verdict: Verdict;
  centihours: number;
}

/** What was known of a teacher on a day that her requirement hangs on. */
interface Known {
  posts: History['posts'];
  leaves: Leave[] | null;
  year: number;
  knownOn: string;
}

/** Her posts where their units stood, and what the year asks of her then. */
interface Placed {
  posts: readonly Post[];
  requirement: Requirement;
}

/** What she counts as from a day on; null: not at all. */
interface Step {
  validFrom: string;
  value: Value | null;
}

/** What a report gains, or loses, from both days on. */
export interface Gain {
  unitCode: string;
  year: number;
  knownOn: string;
  validFrom: string;
  verdict: Verdict;
  teachers: number;
  centihours: number;
}

/** Days of knowledge after one, null: from the first on, up to another. */
export interface KnownSpan {
  after: string | null;
  through: string;
}

/** Requirements kept for like teachers. */
const MOST_KEPT = 200_000;

const same = (a: Value | null, b: Value | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.verdict === b.verdict &&
    a.centihours === b.centihours &&
    (a.units === b.units || a.units.join() === b.units.join()));

/** What reports gain by a teacher; from facts alone. `counted` are the units that have reports. */
export class Reckoning {
  readonly #publicationDays: readonly string[];
  readonly #parametersAt = new Map<string, Parameters>();
  readonly #requirements = new Map<string, Requirement>();
  readonly #above = new Map<string, readonly Place[]>();
  /** Units above places that were never others. */
  readonly #unmoved = new Map<string, readonly string[]>();

  constructor(
    private readonly places: Places,
    private readonly parameters: Parameters,
    private readonly counted: ReadonlySet<string>,
  ) {
    this.#publicationDays = parameters.publicationDays;
  }

  /**
   * What the report of a year gains by what was recorded of a teacher on the days of a span. The
   * report of (validAt, knownOn) is the sum of what begins by both: so each gain is what changed
   * from one day of knowledge to the next and from one day that is asked about to the next.
   */
  gains(history: History, year: number, { after, through }: KnownSpan): Gain[] {
    const gains: Gain[] = [];
    let before = after === null ? [] : this.#stepsAt(history, year, after);
    for (const knownOn of this.#knownDays(history, year)) {
      if (knownOn > through || (after !== null && knownOn <= after)) continue;
      const now = this.#stepsAt(history, year, knownOn);
      differences(before, now, (validFrom, { units, verdict, centihours }, sign) => {
        for (const unitCode of units) {
          const amounts = { teachers: sign, centihours: sign * centihours };
          gains.push({ unitCode, year, knownOn, validFrom, verdict, ...amounts });
        }
      });
      before = now;
    }
    return gains;
  }

  /** Days on which something was recorded that the year's report of her can hang on, in order. */
  #knownDays({ posts, leaves, hours }: History, year: number): string[] {
    const days = new Set(this.#publicationDays);
    for (const { recordedOn } of posts) days.add(recordedOn);
    for (const { recordedOn } of leaves) days.add(recordedOn);
    for (const each of hours) if (each.year === year) days.add(each.recordedOn);
    for (const { unitCode } of posts) {
      for (const { recordedOn } of this.#placesAbove(unitCode)) days.add(recordedOn);
    }
    return [...days].sort();
  }

  /** Places of a unit and of all that it was ever below. */
  #placesAbove(unitCode: string | null): readonly Place[] {
    if (!unitCode) return [];
    const kept = this.#above.get(unitCode);
    if (kept) return kept;
    const codes = this.places.of(unitCode).flatMap(({ path }) => path.split('.'));
    const places = [...new Set(codes)].flatMap((code) => this.places.of(code));
    this.#above.set(unitCode, places);
    return places;
  }

  #stepsAt(history: History, year: number, knownOn: string): Step[] {
    const posts = history.posts.filter(({ recordedOn }) => recordedOn <= knownOn);
    if (posts.length === 0) return [];
    const hours = history.hours.filter((h) => h.year === year && h.recordedOn <= knownOn);
    const leaves = leavesAt(history.leaves, knownOn);
    const earned = new Map<string, number>();
    for (const { validFrom, unitCode } of posts) {
      earned.set(validFrom, 0);
      for (const place of this.#placesAbove(unitCode)) earned.set(place.validFrom, 0);
    }
    for (const { validOn, centihours } of hours) {
      earned.set(validOn, (earned.get(validOn) ?? 0) + centihours);
    }
    let [centihours, placed]: [number, Placed | null] = [0, null];
    return [...earned.keys()].sort().map((validFrom) => {
      centihours += earned.get(validFrom) ?? 0;
      placed = this.#placedOn(validFrom, { posts, leaves, year, knownOn }, placed);
      const path = postOn(placed.posts, validFrom)?.path;
      if (!path) return { validFrom, value: null };
      const verdict = verdictOf(centihours, placed.requirement);
      return {
        validFrom,
        value: { units: this.#units(path, validFrom, knownOn), verdict, centihours },
      };
    });
  }

  /** Posts where their units stood on a day; as before where none stood elsewhere. */
  #placedOn(
    validAt: string,
    { posts, leaves, year, knownOn }: Known,
    before: Placed | null,
  ): Placed {
    const paths = posts.map(
      ({ unitCode }) => unitCode && this.places.pathOn(unitCode, validAt, knownOn),
    );
    if (before && paths.every((path, i) => path === before.posts[i]?.path)) return before;
    const placed = posts.map((post, i) => ({ ...post, path: paths[i] ?? null, leaves }));
    return { posts: placed, requirement: this.#requirement(placed, year, knownOn) };
  }

  /** Counted units in whose subtree a place lies, as the tree was. */
  #units(path: string, validAt: string, knownOn: string): readonly string[] {
    const kept = this.#unmoved.get(path);
    if (kept) return kept;
    const codes = path.split('.');
    const units = codes.filter(
      (code, depth) =>
        this.counted.has(code) &&
        this.places.pathOn(code, validAt, knownOn) === codes.slice(0, depth + 1).join('.'),
    );
    if (codes.every((code) => this.places.of(code).length === 1)) this.#unmoved.set(path, units);
    return units;
  }

  #requirement(posts: readonly Post[], year: number, knownOn: string): Requirement {
    const published = this.#publicationDays.filter((day) => day <= knownOn).at(-1) ?? '';
    const ofPost = ({ unitCode, sector, validFrom, path }: Post) =>
      [unitCode ? path : '-', sector, validFrom].join();
    const leaves = (posts[0]?.leaves ?? []).map(({ from, to }) => `${from}/${to}`);
    const name = [published, year, ...posts.map(ofPost), ...leaves].join(' ');
    const kept = this.#requirements.get(name);
    if (kept) return kept;
    const known =
      this.#parametersAt.get(published) ??
      this.parameters.knownBefore(knownBefore({ knownAt: knownOn }));
    this.#parametersAt.set(published, known);
    const requirement = requirementIfAny(known, posts, year);
    if (this.#requirements.size >= MOST_KEPT) this.#requirements.clear();
    this.#requirements.set(name, requirement);
    return requirement;
  }
}

/** Of each leave what was last told of it. */
function leavesAt(leaves: History['leaves'], knownOn: string): Leave[] | null {
  const last = new Map<string, History['leaves'][number]>();
  for (const leave of leaves) if (leave.recordedOn <= knownOn) last.set(leave.leaveId, leave);
  const held = [...last.values()].filter(({ withdrawn }) => !withdrawn);
  return held.length === 0 ? null : held;
}

/** Where one row of steps departs from another, and by how much more or less than before. */
function differences(
  before: readonly Step[],
  now: readonly Step[],
  add: (validFrom: string, value: Value, sign: 1 | -1) => void,
): void {
  const days = new Set([...before, ...now].map(({ validFrom }) => validFrom));
  const former: Pair = [null, null];
  for (const day of [...days].sort()) {
    const held: Pair = [valueFrom(before, day, former[0]), valueFrom(now, day, former[1])];
    const changes: [Pair, 1 | -1][] = [
      [former, -1],
      [held, 1],
    ];
    for (const [[was, is], sign] of changes) {
      if (same(was, is)) continue;
      if (was) add(day, was, sign === 1 ? -1 : 1);
      if (is) add(day, is, sign);
    }
    [former[0], former[1]] = held;
  }
}

/** What is counted before and now. */
type Pair = [before: Value | null, now: Value | null];

const valueFrom = (steps: readonly Step[], day: string, otherwise: Value | null): Value | null => {
  const step = steps.find(({ validFrom }) => validFrom === day);
  return step ? step.value : otherwise;
};
