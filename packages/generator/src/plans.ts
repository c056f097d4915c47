import { coordinator, officer, type Book } from './book.js';
import { instant } from './calendar.js';
import { uuid7, type Random } from './random.js';
import type { StepActor } from './step.js';
import { PROVINCE, type Unit } from './tree.js';
import type { World } from './world.js';

/** Of the units below the province, so many have not filed this year's plan, or held a study. */
const UNFILED = 0.12;
const WITHOUT_STUDY = 0.2;

export const actingFor = (unit: Unit): StepActor =>
  unit.tier === 'SCHOOL' ? coordinator(unit.code) : officer(unit.code);

/** Departments always file, since they organise projects; some schools do not (Q18). */
export const files = (world: World, unit: Unit, year: number): boolean =>
  unit.tier !== 'SCHOOL' || !world.random.stream(`plan/${unit.code}/${year}`).chance(UNFILED);

function filePlan(book: Book, world: World, unit: Unit, year: number): void {
  const stream = world.random.stream(`plan-id/${unit.code}/${year}`);
  const filed = instant(`${year - 1}-12-${String(stream.int(8, 14)).padStart(2, '0')}`, '10:00');
  const planId = uuid7(stream, filed);
  book.step('training', 'annual-plan.file', filed, actingFor(unit), {
    id: planId,
    unitCode: unit.code,
    year,
    title: `${unit.name}${year}年度教师培训计划`,
    summary: '按需施训、分级分类，思想政治和师德师风教育列为首要内容。',
    items: [{ title: unit.tier === 'SCHOOL' ? '校本研修' : '骨干教师与新任教师培训' }],
  });
  if (unit.parentCode === null || stream.chance(0.1)) return;
  const accepted = instant(`${year - 1}-12-22`, '15:00');
  book.step('training', 'annual-plan.accept', accepted, officer(unit.parentCode), { planId });
}

/** Plans of the year, each filed with the unit above; some wait for its answer. */
export function filePlans(book: Book, world: World, year: number): void {
  for (const unit of [...world.tree.divisions, ...world.tree.schools]) {
    if (files(world, unit, year)) filePlan(book, world, unit, year);
  }
}

function studyDay(random: Random, year: number): string {
  const month = String(random.int(1, 9)).padStart(2, '0');
  return `${year}-${month}-${String(random.int(1, 28)).padStart(2, '0')}`;
}

const TOPICS = ['研究年度教师培训工作', '研究培训经费安排与使用', '研究校本研修质量提升'];

/** Most departments and schools hold their yearly study of training work (§4.1). */
export function recordStudies(book: Book, world: World, year: number): void {
  for (const unit of [...world.tree.divisions, ...world.tree.schools]) {
    const stream = world.random.stream(`study/${unit.code}/${year}`);
    const date = studyDay(stream, year);
    if (date > world.today) continue;
    if (unit.code !== PROVINCE && stream.chance(WITHOUT_STUDY)) continue;
    const at = instant(date, '17:00');
    book.step('training', 'study.record', at, actingFor(unit), {
      id: uuid7(stream, at),
      unitCode: unit.code,
      year,
      date,
      topic: stream.pick(TOPICS),
    });
  }
}
