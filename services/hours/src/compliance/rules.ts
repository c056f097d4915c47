import type { PolicySet, PolicyVersion } from '@yanxiu/registry/policy';
import { formatHundredths } from '@yanxiu/subgraph/decimal';
import type { Bilingual } from '@yanxiu/subgraph/errors';
import { ifAny } from '@yanxiu/registry/policy';
import { type Parameters } from '../policy/rules.js';
import { lastPost, monthsInService, type Post, type Sector } from '../teacher/rules.js';

export type Verdict = 'MET' | 'SHORT' | 'NOT_REGULATED' | 'EXEMPT';

/** What a year asks of a teacher, and the parameter that asks it. */
export interface Requirement {
  /** Null: no number holds (HOURS-HIGHER), or nothing is asked since she did not serve. */
  centihours: number | null;
  months: number;
  policy: PolicyVersion<unknown> | null;
}

/** The parameter with the yearly minimum of a sector. */
export const ANNUAL: Readonly<Record<Sector, string>> = {
  BASIC: 'hours.basic.annual',
  VOCATIONAL: 'hours.vocational.annual',
  HIGHER: 'hours.higher.annual',
};

/** Half up to whole hours, of a sum of parts with one common denominator. */
const wholeHours = (numerator: number, denominator: number): number =>
  Math.floor((2 * numerator + 100 * denominator) / (200 * denominator)) * 100;

/**
 * HOURS-BASIC-ANNUAL, HOURS-VOC-ANNUAL, HOURS-HIGHER with HOURS-PRORATE: the year's minimum, by
 * the months in service in each sector (A3, A32).
 */
export function annualRequirement(
  posts: readonly Post[],
  year: number,
  policies: PolicySet,
): Requirement {
  const sectors = monthsInService(posts, year);
  const last = sectors.at(-1);
  if (!last) return { centihours: 0, months: 0, policy: null };
  const policy = policies.get<number | null>(ANNUAL[last]);
  const months = sectors.length;
  if (policies.value<string>('hours.proration') === 'NONE') {
    return { centihours: policy.value, months, policy };
  }
  const minima = sectors.map((sector) => policies.value<number | null>(ANNUAL[sector]));
  const regulated = minima.filter((minimum) => minimum !== null);
  if (regulated.length === 0) return { centihours: null, months, policy };
  const sum = regulated.reduce((total, minimum) => total + minimum, 0);
  const centihours = months === 12 && sum === 12 * (regulated[0] ?? 0) ? (regulated[0] ?? 0) : null;
  return { centihours: centihours ?? wholeHours(sum, 12), months, policy };
}

/** The requirement of a year by the parameters in force at its end, for the unit served then. */
export function requirementOf(
  parameters: Parameters,
  posts: readonly Post[],
  year: number,
): Requirement {
  const end = `${year}-12-31`;
  return annualRequirement(posts, year, parameters.on(end, lastPost(posts, end)?.path ?? null));
}

/** {@link requirementOf} for questions: not regulated where no parameter was in force. */
export function requirementIfAny(
  parameters: Parameters,
  posts: readonly Post[],
  year: number,
): Requirement {
  const none = { centihours: null, months: monthsInService(posts, year).length, policy: null };
  return ifAny(() => requirementOf(parameters, posts, year)) ?? none;
}

/** The verdict on a total against what is required. */
export function verdictOf(
  centihours: number,
  requirement: Pick<Requirement, 'centihours' | 'months'>,
): Verdict {
  if (requirement.months === 0) return 'EXEMPT';
  if (requirement.centihours === null) return 'NOT_REGULATED';
  return centihours >= requirement.centihours ? 'MET' : 'SHORT';
}

/** The verdict on a teacher's year. */
export interface YearVerdict {
  year: number;
  centihours: number;
  verdict: Verdict;
}

/** A verdict as it is kept. */
export interface YearRow extends YearVerdict {
  /** Something was posted in the year, if only to be taken back. */
  posted: boolean;
}

/** A year judged anew. */
export interface JudgedYear extends YearVerdict {
  /** The verdict that was kept; null when nothing had been posted. */
  before: Verdict | null;
  requirement: Requirement;
}

/** Years with what was added to their totals, judged by the parameters in force for them. */
export function judge(
  teacher: {
    posts: readonly Post[];
    years: readonly YearRow[];
    parameters: Parameters;
  },
  added: ReadonlyMap<number, number>,
): JudgedYear[] {
  return [...added]
    .sort(([a], [b]) => a - b)
    .map(([year, change]) => {
      const earlier = teacher.years.find((row) => row.posted && row.year === year);
      const centihours = (earlier?.centihours ?? 0) + change;
      const requirement = requirementOf(teacher.parameters, teacher.posts, year);
      const verdict = verdictOf(centihours, requirement);
      return { year, centihours, verdict, before: earlier?.verdict ?? null, requirement };
    });
}

/** Value of the parameter `hours.cycle` (HOURS-CYCLE, A1, A2). */
export interface CycleParameter {
  years: number;
  anchor: number;
  mode: 'STRICT_ANNUAL' | 'CYCLE_AVERAGE' | 'FLOOR_PLUS_CYCLE';
  basic: number;
  vocational: number;
}

/** First and last year of the common cycle that `year` lies in. */
export function cycleOf(year: number, { years, anchor }: CycleParameter): [number, number] {
  const first = anchor + Math.floor((year - anchor) / years) * years;
  return [first, first + years - 1];
}

/** The minimum of the whole cycle by months in service in each sector; null: not regulated. */
export function cycleRequirement(
  posts: readonly Post[],
  [first, last]: readonly [number, number],
  parameter: CycleParameter,
): { centihours: number | null; months: number } {
  const totals: Record<Sector, number | null> = {
    BASIC: parameter.basic,
    VOCATIONAL: parameter.vocational,
    HIGHER: null,
  };
  const sectors: Sector[] = [];
  for (let year = first; year <= last; year += 1) sectors.push(...monthsInService(posts, year));
  const regulated = sectors.map((sector) => totals[sector]).filter((total) => total !== null);
  if (regulated.length === 0) return { centihours: null, months: sectors.length };
  const sum = regulated.reduce((total, value) => total + value, 0);
  return { centihours: wholeHours(sum, 12 * parameter.years), months: sectors.length };
}

/** Both verdicts on a cycle, and the one that the mode in force makes decisive. */
export function cycleVerdicts(
  mode: CycleParameter['mode'],
  yearly: readonly Verdict[],
  total: Verdict,
): { annual: Verdict; total: Verdict; verdict: Verdict } {
  const regulated = yearly.filter((verdict) => verdict === 'MET' || verdict === 'SHORT');
  let annual: Verdict = yearly.includes('NOT_REGULATED') ? 'NOT_REGULATED' : 'EXEMPT';
  if (regulated.length > 0) annual = regulated.includes('SHORT') ? 'SHORT' : 'MET';
  if (mode === 'STRICT_ANNUAL') return { annual, total, verdict: annual };
  if (mode === 'CYCLE_AVERAGE') return { annual, total, verdict: total };
  return { annual, total, verdict: annual === 'SHORT' ? 'SHORT' : total };
}

const VERDICTS: Readonly<Record<Verdict, Bilingual>> = {
  MET: { zh: '达标', en: 'met' },
  SHORT: { zh: '未达标', en: 'short' },
  NOT_REGULATED: { zh: '未作规定', en: 'not regulated' },
  EXEMPT: { zh: '免予要求', en: 'exempt' },
};

/** A year's verdict in a sentence. */
export function verdictWords(
  year: { year: number; centihours: number; required: number | null; verdict: Verdict },
  months: number,
): Bilingual {
  const [hours, verdict] = [formatHundredths(year.centihours), VERDICTS[year.verdict]];
  const asked = year.required === null ? null : formatHundredths(year.required);
  const ask = asked
    ? { zh: `应修 ${asked} 学时`, en: `${asked} are asked` }
    : { zh: '未规定学时', en: 'no number of hours is asked' };
  return {
    zh: `${year.year} 年：已认定 ${hours} 学时，在职 ${months} 个月，${ask.zh}：${verdict.zh}。`,
    en: `${year.year}: ${hours} hours; ${months} months in service, ${ask.en}: ${verdict.en}.`,
  };
}

/** What is still missing to a requirement; null where there is none. */
export const missing = (required: number | null, centihours: number): number | null =>
  required === null ? null : Math.max(0, required - centihours);
