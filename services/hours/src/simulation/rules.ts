import { over, type Acting, type Governed } from '@yanxiu/registry/permission';
import { POLICY_KEYS } from '@yanxiu/registry/policy-keys';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';
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

/** What has been counted, by code of the area and by sector. */
export interface Counts {
  all: SimulatedCount;
  areas: Record<string, SimulatedCount>;
  sectors: Record<string, SimulatedCount>;
}

export const nothingCounted = (): Counts => ({ all: empty(), areas: {}, sectors: {} });

/** Counts one teacher more. */
export function count({ all, areas, sectors }: Counts, teacher: SimulatedTeacher): void {
  const { areaCode, sector, before, after } = teacher;
  const area = (areas[areaCode] ??= empty());
  for (const each of [all, area, (sectors[sector] ??= empty())]) {
    each.teachers += 1;
    each.before[before] += 1;
    each.after[after] += 1;
    if (before !== after) each.changed += 1;
  }
}

function empty(): SimulatedCount {
  return { teachers: 0, changed: 0, before: none(), after: none() };
}

/** Who may have a large unit gone through: whoever prepares a parameter, or a report on it. */
export const may = rights({
  start: (actor: Acting, unit: Governed) =>
    all(inRole(actor, 'OFFICER', 'COORDINATOR', 'ANALYST'), over(actor, unit)),
});

/** Runs that are not over at one time: each goes through up to half a million teachers. */
const MOST_OPEN = 10;

/** SIMULATION-BUSY. */
export const room = (open: number): Decision =>
  open < MOST_OPEN
    ? accepted()
    : refused(
        'SIMULATION-BUSY',
        `已有 ${open} 项试算未完成，请待其完成后再发起。`,
        `${open} simulations are not over yet. Wait for one to end.`,
      );

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
