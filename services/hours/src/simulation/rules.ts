import { POLICY_KEYS } from '@yanxiu/registry/policy-keys';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import type { Verdict } from '../compliance/rules.js';
import type { NewVersion } from '../policy/rules.js';
import { touchesAny, touchesOf } from '../recomputation/rules.js';
import type { Sector } from '../teacher/rules.js';

/** A teacher's year as it is kept, and as it would be. */
export interface SimulatedTeacher {
  teacherId: string;
  /** The unit that the year counts for. */
  unitCode: string;
  /** The administration above it. */
  areaCode: string;
  sector: Sector;
  before: Verdict;
  after: Verdict;
  centihoursBefore: number;
  centihoursAfter: number;
  requiredBefore: number | null;
  requiredAfter: number | null;
}

export type VerdictCounts = Record<Verdict, number>;

/** Teachers of an area or a sector, by the verdicts that are kept and those that would be. */
export interface SimulatedCount {
  teachers: number;
  changed: number;
  before: VerdictCounts;
  after: VerdictCounts;
}

const none = (): VerdictCounts => ({ MET: 0, SHORT: 0, NOT_REGULATED: 0, EXEMPT: 0 });

/** Counts teachers one after another; of those who change verdict it keeps who they are. */
export class Tally {
  readonly all: SimulatedCount = empty();
  readonly areas = new Map<string, SimulatedCount>();
  readonly sectors = new Map<string, SimulatedCount>();
  readonly changed: SimulatedTeacher[] = [];

  add(teacher: SimulatedTeacher): void {
    const { areaCode, sector, before, after } = teacher;
    for (const count of [this.all, at(this.areas, areaCode), at(this.sectors, sector)]) {
      count.teachers += 1;
      count.before[before] += 1;
      count.after[after] += 1;
      if (before !== after) count.changed += 1;
    }
    if (before !== after) this.changed.push(teacher);
  }
}

function empty(): SimulatedCount {
  return { teachers: 0, changed: 0, before: none(), after: none() };
}

function at(counts: Map<string, SimulatedCount>, key: string): SimulatedCount {
  const known = counts.get(key) ?? empty();
  counts.set(key, known);
  return known;
}

const MOST_CHANGES = 20;

/** POLICY-KEY, POLICY-DATES: what is to be tried out can be computed with. */
export function simulable(changes: readonly NewVersion[]): Decision {
  if (changes.length < 1 || changes.length > MOST_CHANGES) {
    return refused(
      'SIMULATION-CHANGES',
      `每次试算须有 1 至 ${MOST_CHANGES} 项变更。`,
      `Give from 1 to ${MOST_CHANGES} changes.`,
    );
  }
  const strange = changes.find(({ key }) => !touchesAny(touchesOf(key)));
  if (strange) {
    const keys = Object.keys(POLICY_KEYS).filter((key) => touchesAny(touchesOf(key)));
    return refused(
      'POLICY-KEY',
      `参数 ${strange.key} 不影响学时，可试算的参数：${keys.join('、')}。`,
      `The parameter ${strange.key} decides on no hours; those that do: ${keys.join(', ')}.`,
      { keys },
    );
  }
  if (changes.some(({ validFrom, validTo }) => validTo !== null && validTo < validFrom)) {
    return refused(
      'POLICY-DATES',
      '失效日期不能早于施行日期。',
      'validTo cannot be before validFrom.',
    );
  }
  return accepted();
}
