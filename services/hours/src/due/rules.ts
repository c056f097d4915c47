import { addDays } from '@yanxiu/subgraph/calendar';
import type { Sector } from '../teacher/rules.js';

/** Training that is due once (R70, R73). */
export type DueKind = 'INDUCTION' | 'SUPERVISOR';

/** A line of the parameter `hours.dueTraining`. */
export interface DueTraining {
  kind: DueKind;
  /** Sectors that it is due in. */
  sectors: Sector[];
  /** Categories of training that count for it. */
  categories: string[];
  /** Days from the beginning of service, or from the appointment, by which it is due. */
  days: number;
}

/** The last day for it. */
export const dueOn = (since: string, { days }: DueTraining): string => addDays(since, days);

/** Days that it is overdue on a day; 0 while there is time. */
export const daysOverdue = (due: string, on: string): number =>
  Math.max(0, Math.round((Date.parse(on) - Date.parse(due)) / 86_400_000));
