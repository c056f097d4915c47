import { addDays, startOfDay } from '@yanxiu/subgraph/calendar';
import { badInput } from '@yanxiu/subgraph/errors';

/** The two times of a question: of what day it is, and by what had been recorded. */
export interface AsOf {
  /** The day that is asked about, `YYYY-MM-DD`. */
  validAt: string;
  /** The day of knowledge: what was recorded by its end (Asia/Shanghai) counts. */
  knownAt: string;
}

/** The instant before which something must have been recorded. */
export const knownBefore = ({ knownAt }: Pick<AsOf, 'knownAt'>): Date =>
  startOfDay(addDays(knownAt, 1));

/** Two days of knowledge, the earlier first. */
export function checkedTimes(first: string, second: string): [string, string] {
  if (first < second) return [first, second];
  throw badInput(
    '后一个知悉日期须晚于前一个（knownAt < until）。',
    'The later day of knowledge must come after the earlier one (knownAt < until).',
  );
}
