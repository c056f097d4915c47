import { officer, type Book } from './book.js';
import { addDays, daysBetween, instant, yearOf } from './calendar.js';
import type { Careers } from './careers.js';
import { courseOf } from './courses.js';
import { POOR_INSTITUTION } from './institutions.js';
import { dayOf, organiserOf, type ProjectStage, type Running } from './lifecycle.js';
import { schoolTraining } from './school-training.js';
import { PROVINCE, type Unit } from './tree.js';
import type { World } from './world.js';

/** A project that stands somewhere in its lifecycle today. */
interface Sketch {
  name: string;
  until: ProjectStage;
  /** Days from today to its first day of teaching. */
  startsIn: number;
  /** What happens to it besides. */
  turn?: 'reject' | 'suspend' | 'cancel' | 'beyond-budget';
  /** Seats that each county can still fill. */
  spareSeats?: number;
}

/** One for every state that the years before today need not leave behind (domain.md §3). */
const SKETCHES: readonly Sketch[] = [
  { name: '待报', until: 'CREATE', startsIn: 20 },
  { name: '待审', until: 'SUBMIT', startsIn: 20 },
  { name: '退回', until: 'SUBMIT', startsIn: 30, turn: 'reject' },
  { name: '超预算', until: 'SUBMIT', startsIn: 40, turn: 'beyond-budget' },
  { name: '待备案', until: 'APPROVE', startsIn: 12 },
  { name: '待报方案', until: 'FILE', startsIn: 6 },
  { name: '待审方案', until: 'SUBMIT_SCHEME', startsIn: 6 },
  { name: '待选派', until: 'OPEN_CLASSES', startsIn: 10 },
  { name: '选派中', until: 'CONFIRM', startsIn: 5, spareSeats: 5 },
  { name: '实施中', until: 'TEACH', startsIn: -2 },
  { name: '评估中', until: 'EVALUATE', startsIn: -16 },
  { name: '待结项', until: 'PAY', startsIn: -28 },
  { name: '暂停', until: 'START', startsIn: -3, turn: 'suspend' },
  { name: '取消', until: 'FILE', startsIn: 8, turn: 'cancel' },
];

const PARTICIPANTS = 12;
const HOURS = 32;

/** A project of a city or county, with a dozen of its teachers. */
function sketched(world: World, careers: Careers, sketch: Sketch, at: number): Running {
  const { today, tree, institutions } = world;
  const random = world.random.stream(`current/${sketch.name}`);
  const cities = tree.divisions.filter(({ tier }) => tier === 'CITY');
  const [city] = [cities[at % cities.length]];
  const deliverer = institutions[0];
  if (!city || !deliverer) throw new Error('no city, or no institution');
  const counties = new Set(
    tree.counties.filter(({ parentCode }) => parentCode === city.code).map(({ code }) => code),
  );
  const county = new Map(tree.schools.map((school) => [school.code, school.parentCode]));
  const startsOn = addDays(today, sketch.startsIn);
  const teachers = [...careers.active.values()].filter(
    ({ id, unitCode }) =>
      counties.has(county.get(unitCode) ?? '') &&
      !careers.isAway(id, startsOn, addDays(startsOn, 6)),
  );
  const plan = courseOf(
    random,
    {
      name: `${city.name}${yearOf(today)}年专题培训·${sketch.name}`,
      level: 'CITY',
      sector: 'BASIC',
      category: 'LEADERSHIP',
      organiser: city.code,
      approver: PROVINCE,
      deliverer,
      modality: 'FACE_TO_FACE',
    },
    { key: sketch.name, kind: 'CITY', startsOn, hoursADay: 8, least: 8, most: 32 },
    random
      .shuffled(teachers)
      .slice(0, PARTICIPANTS)
      .map(({ id, unitCode }) => ({
        teacherId: id,
        hours: sketch.until === 'TEACH' ? HOURS : 8,
        nominator: county.get(unitCode) ?? '',
      })),
  );
  plan.year = yearOf(today);
  if (sketch.spareSeats) plan.spareSeats = sketch.spareSeats;
  if (sketch.turn === 'beyond-budget') plan.budgetFen = 1_000_000_000_00;
  return { plan, random, until: sketch.until, today };
}

/** A school's own training, filed or accepted these days. */
function schoolsOwn(world: World, careers: Careers, name: string, startsIn: number): Running {
  const random = world.random.stream(`current/${name}`);
  const school = world.tree.schools.find(
    ({ stage, parentCode }) => stage === 'JUNIOR_SECONDARY' && parentCode.startsWith('1404'),
  );
  if (!school) throw new Error('no school for its own training');
  const day = addDays(world.today, startsIn);
  const staff = [...careers.active.values()].filter(
    ({ id, unitCode }) => unitCode === school.code && !careers.isAway(id, day, day),
  );
  const days = [day];
  const term = { year: yearOf(world.today), days };
  const plan = schoolTraining(random, school, staff, term);
  plan.name = `${school.name}专题校本研修·${name}`;
  return { plan, random, today: world.today };
}

/** What is under way today, with what has befallen some of it. */
export interface Current {
  projects: Running[];
  turns: readonly { project: Running; turn: NonNullable<Sketch['turn']> }[];
}

export function currentProjects(world: World, careers: Careers): Current {
  const pairs = SKETCHES.map((sketch, at) => ({
    sketch,
    project: sketched(world, careers, sketch, at),
  }));
  return {
    projects: [
      ...pairs.map(({ project }) => project),
      schoolsOwn(world, careers, '待受理', 12),
      schoolsOwn(world, careers, '已受理', 8),
    ],
    turns: pairs.flatMap(({ sketch: { turn }, project }) => (turn ? [{ project, turn }] : [])),
  };
}

const REASONS = {
  reject: '培训对象与年度计划不一致，请修改后重新申报。',
  suspend: '场地安全检查未完成，暂缓实施。',
  cancel: '与上级项目重复，予以取消。',
};

/** Rejections, suspensions and cancellations, in the phase after the step that they follow. */
export function takeTurns(book: Book, world: World, { turns }: Current): void {
  for (const { project, turn } of turns) {
    if (turn === 'beyond-budget') continue;
    const { plan } = project;
    const actor = turn === 'reject' ? officer(plan.approver) : organiserOf(plan);
    const since = dayOf(project, project.until ?? 'CLOSE');
    const day = addDays(since, Math.max(0, Math.min(3, daysBetween(since, world.today) - 1)));
    const at = instant(day, '17:00');
    const input = { projectId: plan.id, reason: REASONS[turn] };
    book.step('training', `project.${turn}`, at, actor, input);
  }
}

/** A city suspends the institution that its participants rate badly. */
export function suspendPoorInstitution(book: Book, world: World, cities: readonly Unit[]): void {
  const poor = world.institutions[POOR_INSTITUTION];
  const city = cities.find(({ code }) => code === poor?.byUnit);
  if (!poor || !city) return;
  book.step(
    'training',
    'institution.suspend',
    instant(addDays(world.today, -5), '10:00'),
    officer(city.code),
    { institutionId: poor.id, reason: '参训学员评价连续偏低，暂停承训资格并限期整改。' },
  );
}
