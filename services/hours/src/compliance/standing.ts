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
  type Verdict,
} from './rules.js';

/** What all kept verdicts say. */
interface Standing {
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
  const { posts, hours, parameters, through } = facts;
  const first = parameters.firstYear(Object.values(ANNUAL));
  const begun = Array.from({ length: Math.max(0, through - first + 1) }, (_, i) => first + i);
  const years = [...new Set([...begun, ...hours.keys()])]
    .filter((year) => hours.has(year) || servedIn(posts, year))
    .sort((a, b) => a - b)
    .flatMap((year) => yearStanding(facts, year) ?? []);
  return { years, cycles: cyclesOf(facts, years) };
}

function yearStanding({ posts, hours, parameters }: Facts, year: number): YearStanding | null {
  const compute = () => requirementOf(parameters, posts, year);
  const requirement = hours.has(year) ? compute() : ifAny(compute);
  const post = lastPost(posts, `${year}-12-31`) ?? posts.find(({ unitCode }) => unitCode);
  if (!requirement || !post) return null;
  const centihours = hours.get(year) ?? 0;
  return {
    year,
    centihours,
    required: requirement.centihours,
    verdict: verdictOf(centihours, requirement),
    policyKey: requirement.policy?.key ?? null,
    policyVersion: requirement.policy?.version ?? null,
    unitCode: post.unitCode,
    sector: post.sector,
  };
}

/** A cycle is judged by the parameter in force at the end of the latest of its years. */
function cyclesOf({ posts, parameters }: Facts, years: readonly YearStanding[]): CycleStanding[] {
  const cycles = new Map<number, CycleStanding>();
  for (const { year, unitCode, sector } of years.toReversed()) {
    const end = `${year}-12-31`;
    const policies = parameters.on(end, lastPost(posts, end)?.path ?? null);
    const policy = ifAny(() => policies.get<CycleParameter>('hours.cycle'));
    if (!policy) continue;
    const [firstYear, lastYear] = cycleOf(year, policy.value);
    if (cycles.has(firstYear)) continue;
    const within = years.filter((each) => each.year >= firstYear && each.year <= lastYear);
    const centihours = within.reduce((sum, each) => sum + each.centihours, 0);
    const requirement = cycleRequirement(posts, [firstYear, lastYear], policy.value);
    const total = verdictOf(centihours, requirement);
    const { mode } = policy.value;
    const verdicts = cycleVerdicts(
      mode,
      within.map(({ verdict }) => verdict),
      total,
    );
    cycles.set(firstYear, {
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
      unitCode,
      sector,
    });
  }
  return [...cycles.values()];
}
