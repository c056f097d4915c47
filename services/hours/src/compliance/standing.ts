import { ifAny } from '@yanxiu/registry/policy';
import { type Parameters } from '../policy/rules.js';
import { lastPost, postOn, type Post, type Sector } from '../teacher/rules.js';
import {
  ANNUAL,
  cycleOf,
  cycleRequirement,
  cycleVerdicts,
  requirementOf,
  verdictOf,
  type CycleParameter,
  type JudgedYear,
  type Verdict,
  type YearRow,
  type YearVerdict,
} from './rules.js';

/** What all kept verdicts say. */
export interface Standing {
  centihours: number;
  /** Null: not regulated. */
  required: number | null;
  verdict: Verdict;
  policyKey: string | null;
  policyVersion: number | null;
  /** The unit that it counts for: that of the last post in the time. */
  unitCode: string | null;
  sector: Sector;
}

/** The verdict on a teacher's calendar year. */
export interface YearStanding extends Standing {
  year: number;
}

/** Both verdicts on a teacher's cycle, over its years up to now. */
export interface CycleStanding extends Standing {
  firstYear: number;
  lastYear: number;
  mode: CycleParameter['mode'];
  annualVerdict: Verdict;
  totalVerdict: Verdict;
}

/** What verdicts follow from. */
export interface Facts {
  posts: readonly Post[];
  /** Hundredths of hours of the years in which something was posted. */
  hours: ReadonlyMap<number, number>;
  parameters: Parameters;
  /** The last year that has begun. */
  through: number;
}

export interface Standings {
  years: YearStanding[];
  cycles: CycleStanding[];
}

/** Whether the teacher was in service on any day of the year. */
export function servedIn(posts: readonly Post[], year: number): boolean {
  const days = posts.map(({ validFrom }) => validFrom).filter((day) => day.startsWith(`${year}-`));
  return [`${year}-01-01`, ...days].some((day) => postOn(posts, day) !== null);
}

/**
 * All verdicts on a teacher, from facts alone: one for each year since there is a parameter in
 * which she served or has postings, one for each cycle of those years. Throws PolicyMissing where
 * something was posted in a year that no parameter is in force for.
 */
export function standingsOf(facts: Facts): Standings {
  const { posts, hours } = facts;
  const years = [...new Set([...begunYears(facts), ...hours.keys()])]
    .filter((year) => hours.has(year) || servedIn(posts, year))
    .sort((a, b) => a - b)
    .flatMap((year) => yearStanding(facts, year) ?? []);
  return { years, cycles: cyclesOf(facts, years) };
}

/**
 * Of {@link standingsOf} what is not kept as it is when these years have been judged: they, the
 * years that have begun and are not kept, and the cycles that any of them lies in. On the other
 * years of such a cycle the kept verdicts hold, also while a newer version is still to judge them.
 */
export function touchedStandings(
  judged: readonly JudgedYear[],
  facts: Omit<Facts, 'hours'> & { kept: readonly YearRow[] },
): Standings {
  const { posts, kept } = facts;
  const known = new Set([...kept, ...judged].map(({ year }) => year));
  const opened = begunYears(facts)
    .filter((year) => !known.has(year) && servedIn(posts, year))
    .flatMap((year) => yearStanding({ ...facts, hours: new Map() }, year) ?? []);
  const years = [...judged.flatMap((each) => standingOf(posts, each) ?? []), ...opened];
  const touched = new Set(years.map(({ year }) => year));
  const all = [...years, ...kept.filter(({ year }) => !touched.has(year))];
  all.sort((a, b) => a.year - b.year);
  return { years, cycles: cyclesOf(facts, all, touched) };
}

/** The years that have begun since there is a parameter. */
function begunYears({ parameters, through }: Pick<Facts, 'parameters' | 'through'>): number[] {
  const first = parameters.firstYear(Object.values(ANNUAL));
  return Array.from({ length: Math.max(0, through - first + 1) }, (_, i) => first + i);
}

function yearStanding({ posts, hours, parameters }: Facts, year: number): YearStanding | null {
  const compute = () => requirementOf(parameters, posts, year);
  const requirement = hours.has(year) ? compute() : ifAny(compute);
  if (!requirement) return null;
  const centihours = hours.get(year) ?? 0;
  const verdict = verdictOf(centihours, requirement);
  return standingOf(posts, { year, centihours, verdict, requirement });
}

/** The post whose unit a year counts for. */
const postOfYear = (posts: readonly Post[], year: number): Post | undefined =>
  lastPost(posts, `${year}-12-31`) ?? posts.find(({ unitCode }) => unitCode);

function standingOf(
  posts: readonly Post[],
  { year, centihours, verdict, requirement }: Omit<JudgedYear, 'before'>,
): YearStanding | null {
  const post = postOfYear(posts, year);
  if (!post) return null;
  return {
    year,
    centihours,
    required: requirement.centihours,
    verdict,
    policyKey: requirement.policy?.key ?? null,
    policyVersion: requirement.policy?.version ?? null,
    unitCode: post.unitCode,
    sector: post.sector,
  };
}

/**
 * A cycle is judged by the parameter in force at the end of the latest of its years. With `touched`
 * only the cycles that one of those years lies in.
 */
function cyclesOf(
  { posts, parameters }: Pick<Facts, 'posts' | 'parameters'>,
  years: readonly YearVerdict[],
  touched?: ReadonlySet<number>,
): CycleStanding[] {
  const seen = new Set<number>();
  const cycles: CycleStanding[] = [];
  for (const { year } of years.toReversed()) {
    const end = `${year}-12-31`;
    const policies = parameters.on(end, lastPost(posts, end)?.path ?? null);
    const policy = ifAny(() => policies.get<CycleParameter>('hours.cycle'));
    if (!policy) continue;
    const [firstYear, lastYear] = cycleOf(year, policy.value);
    if (seen.has(firstYear)) continue;
    seen.add(firstYear);
    const within = years.filter((each) => each.year >= firstYear && each.year <= lastYear);
    if (touched && !within.some((each) => touched.has(each.year))) continue;
    const post = postOfYear(posts, year);
    if (!post) continue;
    const centihours = within.reduce((sum, each) => sum + each.centihours, 0);
    const requirement = cycleRequirement(posts, [firstYear, lastYear], policy.value);
    const total = verdictOf(centihours, requirement);
    const { mode } = policy.value;
    const verdicts = cycleVerdicts(
      mode,
      within.map(({ verdict }) => verdict),
      total,
    );
    cycles.push({
      firstYear,
      lastYear,
      centihours,
      required: requirement.centihours,
      mode,
      annualVerdict: verdicts.annual,
      totalVerdict: verdicts.total,
      verdict: verdicts.verdict,
      policyKey: policy.key,
      policyVersion: policy.version,
      unitCode: post.unitCode,
      sector: post.sector,
    });
  }
  return cycles;
}
