import { finance, type Book } from './book.js';
import { instant } from './calendar.js';
import { MONEY } from './figures.js';
import { uuid7 } from './random.js';
import { PROVINCE, type School, type Unit } from './tree.js';
import type { World } from './world.js';

/** Yuan as integer fen. */
const fen = (yuan: number): number => Math.round(yuan) * 100;

const isSchool = (unit: Unit): unit is School => unit.tier === 'SCHOOL';

/** What a unit's minimum follows from (§4.2), and the share of it. */
interface Statutory {
  base: Readonly<Record<string, number>>;
  required: number;
}

function statutoryOf(world: World, unit: Unit, year: number): Statutory {
  const { tree, figures, random } = world;
  const stream = random.stream(`base/${unit.code}/${year}`);
  const people = (teachers: number): number => teachers * figures.staffPerTeacher;
  if (isSchool(unit) && unit.stage === 'HIGHER') {
    const teacherPayroll = fen(people(unit.teachers) * MONEY.universityStaff);
    return { base: { teacherPayroll }, required: teacherPayroll * 0.015 };
  }
  if (isSchool(unit)) {
    const pupils = people(unit.teachers) * MONEY.pupilsPerTeacher;
    const publicFunds = fen(pupils * MONEY.pupil[unit.stage]);
    return { base: { publicFunds }, required: publicFunds * 0.05 };
  }
  const prefix = unit.tier === 'COUNTY' ? unit.code : unit.code.slice(0, 4);
  const staff = tree.schools
    .filter(
      ({ code, stage }) =>
        stage !== 'HIGHER' && (unit.code === PROVINCE || code.startsWith(prefix)),
    )
    .reduce((sum, { teachers }) => sum + people(teachers), 0);
  const [low, high] = MONEY.staff;
  const payroll = fen(Math.max(1, staff) * stream.int(low, high));
  return { base: { payroll }, required: payroll * 0.025 };
}

/** Budgeted ÷ statutory; schools keep to their share more closely than counties do. */
function budgetedOf(world: World, unit: Unit, year: number): number {
  const { mean, deviation, lowest, highest } = MONEY.budgeted;
  const stream = world.random.stream(`budget/${unit.code}/${year}`);
  if (unit.tier === 'PROVINCE') return 1.05;
  const centre = unit.tier === 'COUNTY' ? mean : 1;
  return Math.min(
    highest,
    Math.max(lowest, stream.normal(centre, deviation / (isSchool(unit) ? 2 : 1))),
  );
}

export interface Purse {
  unit: Unit;
  year: number;
  amountFen: number;
}

/** The approved budget of a unit for a year. */
export function purseOf(world: World, unit: Unit, year: number): Purse {
  const { required } = statutoryOf(world, unit, year);
  const yuan = Math.max(100, Math.round((required * budgetedOf(world, unit, year)) / 10_000) * 100);
  return { unit, year, amountFen: fen(yuan) };
}

/** Every unit declares its base and has a budget, before the year begins. */
export function approveBudgets(book: Book, world: World, year: number): void {
  const { tree, random } = world;
  for (const unit of [...tree.divisions, ...tree.schools]) {
    const stream = random.stream(`money/${unit.code}/${year}`);
    const actor = finance(unit.code);
    const declared = instant(`${year - 1}-12-05`, '10:00');
    book.step('funding', 'base.declare', declared, actor, {
      id: uuid7(stream, declared),
      fiscalYear: year,
      ...statutoryOf(world, unit, year).base,
      source: `${year - 1} 年教育经费统计（虚构）`,
    });
    const approved = instant(`${year - 1}-12-20`, '10:00');
    book.step('funding', 'budget.approve', approved, actor, {
      id: uuid7(stream, approved),
      fiscalYear: year,
      source: isSchool(unit) && unit.stage === 'HIGHER' ? 'OWN' : 'LOCAL_TREASURY',
      amount: purseOf(world, unit, year).amountFen,
    });
  }
}
