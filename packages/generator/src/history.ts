import type { Careers } from './careers.js';
import { currentProjects, suspendPoorInstitution, takeTurns } from './current.js';
import { evaluate, pay } from './evaluations.js';
import { loadFinished } from './finished.js';
import { groupBy } from '@yanxiu/contracts/group-by';
import { close, deliver, prepare, propose, type Running } from './lifecycle.js';
import { MONEY } from './figures.js';
import { takeLeaves } from './leaves.js';
import { approveBudgets, purseOf } from './money.js';
import { filePlans, recordStudies } from './plans.js';
import type { Book } from './book.js';
import type { Phase } from './step.js';
import type { World } from './world.js';
import { YearPlan } from './year.js';

/** Responses to one project's anonymous questionnaire at most: each is blindly signed. */
const MOST_RESPONSES = 12;

/** Keeps the projects of a year within what their organisers have to spend. */
function fitBudgets(world: World, year: number, projects: readonly Running[]): void {
  const units = new Map(world.tree.divisions.map((unit) => [unit.code, unit]));
  for (const [organiser, list] of groupBy(projects, ({ plan }) => plan.organiser)) {
    const unit = units.get(organiser);
    if (!unit) continue;
    const wanted = list.reduce((sum, { plan }) => sum + plan.budgetFen, 0);
    const most = purseOf(world, unit, year).amountFen * MONEY.spent;
    if (wanted <= most) continue;
    for (const { plan } of list) {
      plan.budgetFen = Math.floor((plan.budgetFen * most) / wanted / 1_000) * 1_000;
    }
  }
}

/** What is registered in a year whether or not anyone is trained. */
function keepRegisters(book: Book, world: World, careers: Careers, year: number): void {
  book.phase(`${year}年：人事、计划与预算`);
  careers.transfer(book, year);
  careers.chooseLeavers(year);
  takeLeaves(book, careers, year);
  approveBudgets(book, world, year);
  filePlans(book, world, year);
  recordStudies(book, world, year);
}

/** The training that is of the past, and what is under way in the present year. */
function trainingOf(world: World, careers: Careers, year: number) {
  const { projects } = new YearPlan(world, careers, year).draw();
  const current = year === world.years.at(-1) ? currentProjects(world, careers) : null;
  return { projects, current };
}

/** One year, in the few phases in which events have to come through. */
function tellYear(book: Book, world: World, careers: Careers, year: number): void {
  keepRegisters(book, world, careers, year);
  const { projects, current } = trainingOf(world, careers, year);
  fitBudgets(world, year, projects);
  if (current) projects.push(...current.projects);
  const chapter = (name: string, tell: (project: Running) => void): void => {
    book.phase(`${year}年：${name}`);
    for (const project of projects) tell(project);
  };
  chapter('项目申报', (project) => propose(book, project));
  chapter('立项、备案与方案', (project) => prepare(book, project));
  chapter('选派、实施与学时', (project) => deliver(book, project));
  chapter('评估与支付', (project) => {
    evaluate(book, project, MOST_RESPONSES);
    pay(book, project);
  });
  chapter('结项', (project) => close(book, project));
  if (current) {
    takeTurns(book, world, current);
    suspendPoorInstitution(book, world, world.tree.divisions);
  }
  careers.renew(book, year);
}

/** One year of which training tells nothing: what has finished goes to hours (decision 22). */
function* loadYear(book: Book, world: World, careers: Careers, year: number): Generator<Phase> {
  keepRegisters(book, world, careers, year);
  yield* book.take();
  const { projects, current } = trainingOf(world, careers, year);
  yield* loadFinished(book, careers, year, [...projects, ...(current?.projects ?? [])]);
  book.phase(`${year}年：离任与入职`);
  careers.renew(book, year);
  yield* book.take();
}

/** What has happened until today, a year at a time. */
export function* tellHistory(book: Book, careers: Careers): Generator<Phase> {
  const { world } = careers;
  for (const year of world.years) {
    if (world.way === 'BULK') yield* loadYear(book, world, careers, year);
    else tellYear(book, world, careers, year);
    yield* book.take();
  }
}
