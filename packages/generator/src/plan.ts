import { Book } from './book.js';
import { tellHistory } from './history.js';
import { approveBudgets } from './money.js';
import { directoryOf, type Directory } from './personas.js';
import { fillRegisters } from './registers.js';
import type { Phase } from './step.js';
import { worldOf, type PlanOptions } from './world.js';

export interface Plan {
  phases: readonly Phase[];
  directory: Directory;
}

/** The synthetic province as a list of commands; the same options give the same list. */
export function plan(options: PlanOptions): Plan {
  const world = worldOf(options);
  const book = new Book(options.seed);
  fillRegisters(book, world);
  if (world.figures.yearsBefore === null) {
    book.phase('申报经费基数与预算');
    for (const year of world.years) approveBudgets(book, world, year);
    return { phases: book.finished(), directory: directoryOf(world, world.teachers) };
  }
  const { active } = tellHistory(book, world);
  return { phases: book.finished(), directory: directoryOf(world, [...active.values()]) };
}
