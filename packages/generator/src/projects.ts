import type { Sector } from './figures.js';
import type { Category, Institution } from './institutions.js';
import type { Level, Modality } from './windows.js';

export interface Session {
  id: string;
  date: string;
  /** `HH:MM` in Shanxi. */
  from: string;
  to: string;
  minutes: number;
}

/** What one participant attends of each session, in minutes. */
export interface Participant {
  teacherId: string;
  minutes: readonly number[];
}

export interface ClassPlan {
  id: string;
  name: string;
  modality: Modality;
  place: string;
  sessions: readonly Session[];
  /** Who nominates whom: an officer's unit, or a school for its own training. */
  groups: ReadonlyMap<string, readonly Participant[]>;
}

/** A project as it is thought out; `lifecycle.ts` makes the commands of it. */
export interface ProjectPlan {
  id: string;
  name: string;
  level: Level;
  sector: Sector;
  category: Category;
  year: number;
  organiser: string;
  /** Approves it, or accepts a school's filing. */
  approver: string;
  deliverer: Institution | null;
  classes: readonly ClassPlan[];
  /** First and last day of teaching. */
  startsOn: string;
  endsOn: string;
  budgetFen: number;
  /** Seats that each unit has beyond those whom it nominates. */
  spareSeats?: number;
}

export const participantsOf = ({ groups }: ClassPlan): Participant[] => [...groups.values()].flat();

/** Minutes of an hour of training (学时, HOURS-UNIT). */
export const MINUTES = 45;
/** Share of the planned minutes whose loss costs the whole credit (HOURS-ABSENCE). */
const MOST_MISSED = 0.2;

/** Hours (学时) that a participant will be credited with, as far as the generator can tell. */
export function creditOf({ sessions }: ClassPlan, { minutes }: Participant): number {
  const planned = sessions.reduce((sum, session) => sum + session.minutes, 0);
  const attended = minutes.reduce((sum, value) => sum + value, 0);
  return planned - attended > MOST_MISSED * planned ? 0 : attended / MINUTES;
}
