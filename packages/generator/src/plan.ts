import { Book } from './book.js';
import { Careers } from './careers.js';
import { tellHistory } from './history.js';
import { approveBudgets } from './money.js';
import { directoryOf, type Directory } from './personas.js';
import { fillRegisters } from './registers.js';
import type { Phase } from './step.js';
import { worldOf, type PlanOptions, type World } from './world.js';

export interface Plan {
  phases: readonly Phase[];
  directory: Directory;
}

/** A plan as it is told: at large sizes a phase is made when it is asked for, and not kept. */
export interface Telling {
  /** To be gone through once. */
  phases: Iterable<Phase>;
  /** Steps of all phases; at large sizes about so many. */
  steps: number;
  /** Who is there in the end: to be asked for after the last phase. */
  directory(): Directory;
}

/** The synthetic province as a list of commands; the same options give the same list. */
export function tell(options: PlanOptions): Telling {
  const world = worldOf(options);
  const careers = new Careers(world);
  const phases = tellAll(world, careers);
  const directory = () => directoryOf(world, [...careers.active.values()]);
  if (world.way === 'BULK') return { phases, steps: roughly(world), directory };
  const all = [...phases];
  return { phases: all, steps: all.reduce((sum, { steps }) => sum + steps.length, 0), directory };
}

/** {@link tell} as a whole. */
export function plan(options: PlanOptions): Plan {
  const { phases, directory } = tell(options);
  return { phases: [...phases], directory: directory() };
}

function* tellAll(world: World, careers: Careers): Generator<Phase> {
  const book = new Book(world.seed);
  fillRegisters(book, world);
  yield* book.take();
  if (world.figures.yearsBefore !== null) return yield* tellHistory(book, careers);
  book.phase('申报经费基数与预算');
  for (const year of world.years) approveBudgets(book, world, year);
  yield* book.take();
}

/** For whoever waits: units with money, plans and studies, careers, commands with hours. */
function roughly({ tree, teachers, years }: World): number {
  const units = tree.divisions.length + tree.schools.length;
  const registers = units * 1.3 + teachers.length / 300;
  const aYear = units * 4.6 + teachers.length * (0.065 + 1 / 150);
  return Math.round(registers + years.length * aYear);
}
