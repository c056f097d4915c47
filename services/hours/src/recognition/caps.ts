import type { PolicySet } from '@yanxiu/registry/policy';
import { cycleOf, type CycleParameter } from '../compliance/rules.js';
import type { Source } from './rules.js';

/** A line of the parameter `hours.sourceCaps` (A8): at most `max` hours of a source in a period. */
export interface SourceCap {
  source: Source;
  /** Only this category of the source. */
  category?: string;
  period: 'DAY' | 'YEAR' | 'CYCLE';
  /** Hundredths of an hour. */
  max: number;
}

/** What a claim is, as far as caps look at it. */
interface Capped {
  source: Source;
  category: string;
  policies: PolicySet;
}

/** A cap on a claim in its period. */
export interface Limit {
  /** e.g. `SELF_STUDY YEAR 2025`; `SMART_EDUCATION/WINTER CYCLE 2021-2025`. */
  about: string;
  maxMinutes: number;
  covers(other: Pick<Capped, 'source' | 'category'>, date: string): boolean;
}

export const scopeOf = ({ source, category }: SourceCap): string =>
  category ? `${source}/${category}` : source;

/** The caps in force for a claim on a local date, in the order of the parameter. */
export function limitsOf({ source, category, policies }: Capped, date: string): Limit[] {
  const within = (cap: SourceCap, other: Pick<Capped, 'source' | 'category'>) =>
    cap.source === other.source && (!cap.category || cap.category === other.category);
  return policies
    .value<SourceCap[]>('hours.sourceCaps')
    .filter((cap) => within(cap, { source, category }))
    .map((cap) => {
      const period = periodOf(cap.period, date, policies);
      return {
        about: `${scopeOf(cap)} ${cap.period} ${period}`,
        maxMinutes: Math.floor((cap.max * policies.value<number>('hours.minutesPerHour')) / 100),
        covers: (other, on) => within(cap, other) && periodOf(cap.period, on, policies) === period,
      };
    });
}

function periodOf(period: SourceCap['period'], date: string, policies: PolicySet): string {
  if (period === 'DAY') return date;
  const year = date.slice(0, 4);
  if (period === 'YEAR') return year;
  return cycleOf(Number(year), policies.value<CycleParameter>('hours.cycle')).join('-');
}

/** Over what causes of a teacher hang together: shared dates; years; all there is. */
export type Coupling = 'DAY' | 'YEAR' | 'ALL';

/** The widest period that any version of the caps ever named: what it touches hangs together. */
export function couplingOf(versions: readonly (readonly SourceCap[])[]): Coupling {
  const periods = new Set(versions.flat().map(({ period }) => period));
  if (periods.has('CYCLE')) return 'ALL';
  return periods.has('YEAR') ? 'YEAR' : 'DAY';
}

/** Whether causes of a source hang together beyond a day, by any version of the caps there was. */
export const isCoupled = (source: Source, versions: readonly (readonly SourceCap[])[]): boolean =>
  versions.flat().some((cap) => cap.source === source && cap.period !== 'DAY');
