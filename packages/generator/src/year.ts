import type { Careers } from './careers.js';
import { addDays } from './calendar.js';
import { courseOf, creditsOf, type Comer, type Course } from './courses.js';
import { drawCurriculum, hoursIn, type Curriculum } from './curriculum.js';
import { groupBy } from '@yanxiu/contracts/group-by';
import { POOR_INSTITUTION, type Institution } from './institutions.js';
import type { Running } from './lifecycle.js';
import type { Random } from './random.js';
import { MEETING_HOURS, schoolTraining } from './school-training.js';
import { files } from './plans.js';
import type { Teacher } from './teachers.js';
import { PROVINCE, type School } from './tree.js';
import { meetingsOf, windowsOf, type Window } from './windows.js';
import type { World } from './world.js';

/** Days from a window's Monday on within which its classes end. */
const LONGEST_WINDOW = 13;
const keyOf = ({ key }: Window): string => key;

/** Thinks out one year: everyone's curriculum, and the projects that it takes. */
export class YearPlan {
  readonly projects: Running[] = [];
  readonly #schools: ReadonlyMap<string, School>;
  readonly #random: Random;

  constructor(
    readonly world: World,
    readonly careers: Careers,
    readonly year: number,
  ) {
    this.#schools = new Map(world.tree.schools.map((school) => [school.code, school]));
    this.#random = world.random.stream(`year/${year}`);
  }

  draw(): this {
    const { year, careers } = this;
    const taken = this.world.figures.windows;
    const windows = windowsOf(year);
    const meetings = meetingsOf(year);
    const schoolHours = meetings.length * MEETING_HOURS;
    const random = this.#random.stream('curricula');
    const curricula = [...careers.active.values()].map((teacher) => {
      const location = this.#schools.get(teacher.unitCode)?.location ?? 'CITY';
      const leaving = careers.leaving.has(teacher.id);
      const missed = new Set(windows.filter((each) => this.#misses(teacher, each)).map(keyOf));
      const drawn = { windows, taken, missed, schoolHours, leaving };
      return drawCurriculum(random, teacher, location, drawn);
    });
    this.#train(curricula, meetings);
    windows.forEach((window, at) => {
      this.#hold(window, windows.slice(at + 1), curricula);
    });
    return this;
  }

  #misses({ id }: Teacher, { startsOn }: Window): boolean {
    return this.careers.isAway(id, startsOn, addDays(startsOn, LONGEST_WINDOW));
  }

  /** School-based training; a school that has filed no plan has none. */
  #train(curricula: readonly Curriculum[], days: readonly string[]): void {
    const { world, year, careers } = this;
    const bySchool = groupBy(curricula, ({ teacher }) => teacher.unitCode);
    for (const [code, list] of bySchool) {
      const school = this.#schools.get(code);
      const away = ({ id }: Teacher) => days.some((day) => careers.isAway(id, day, day));
      const present = list.filter(
        ({ teacher }) => !careers.leaving.has(teacher.id) && !away(teacher),
      );
      for (const row of list) row.coming = 0;
      if (!school || present.length === 0) continue;
      const random = this.#random.stream(`school/${code}`);
      const staff = present.map(({ teacher }) => teacher);
      const filed = files(world, school, year);
      if (filed) {
        const plan = schoolTraining(random, school, staff, { year, days });
        this.#add(plan, random, present);
      }
    }
  }

  #add(plan: Running['plan'], random: Random, curricula: readonly Curriculum[]): void {
    const credits = creditsOf(plan);
    for (const row of curricula) row.credited += credits.get(row.teacher.id) ?? 0;
    this.projects.push({ plan, random, today: this.world.today });
  }

  /** The projects of one window: those who want hours in it, by organiser and sector. */
  #hold(window: Window, later: readonly Window[], curricula: readonly Curriculum[]): void {
    const wanting = curricula.flatMap((row) => {
      const hours = hoursIn(row, window, later);
      return hours > 0 ? [{ row, hours, course: this.#courseFor(row, window) }] : [];
    });
    const groups = groupBy(wanting, ({ course }) => course.key);
    for (const [key, list] of groups) {
      const course = list[0]?.course;
      if (!course) continue;
      const random = this.#random.stream(`${window.key}/${key}`);
      const comers: Comer[] = list.map(({ row, hours }) => ({
        teacherId: row.teacher.id,
        hours,
        nominator: this.#nominatorOf(row, course.organiser),
      }));
      const plan = courseOf(random, course, window, comers);
      this.#add(
        plan,
        random,
        list.map(({ row }) => row),
      );
    }
  }

  /** Counties nominate for their city, cities for the province; a city for its own schools. */
  #nominatorOf({ teacher }: Curriculum, organiser: string): string {
    const parent = this.#schools.get(teacher.unitCode)?.parentCode ?? PROVINCE;
    if (organiser !== PROVINCE || parent === PROVINCE) return parent;
    return `${parent.slice(0, 4)}00`;
  }

  #courseFor({ teacher }: Curriculum, window: Window): Course & { key: string } {
    const { world, year } = this;
    const school = this.#schools.get(teacher.unitCode);
    const county = school?.parentCode ?? PROVINCE;
    const city = county === PROVINCE ? PROVINCE : `${county.slice(0, 4)}00`;
    const vocational = teacher.stage === 'SECONDARY_VOCATIONAL';
    const countyLevel = window.kind === 'COUNTY' && !county.endsWith('00');
    const national = window.kind === 'PROVINCE' && window.startsOn.slice(5) > '07';
    const organiser = window.kind === 'PROVINCE' ? PROVINCE : countyLevel ? county : city;
    const level = organiser === PROVINCE ? (national ? 'NATIONAL' : 'PROVINCIAL') : 'CITY';
    const random = this.#random.stream(`course/${window.key}/${organiser}/${String(vocational)}`);
    const sector = vocational ? 'VOCATIONAL' : 'BASIC';
    const online = window.kind === 'ONLINE';
    const category = online ? 'DIGITAL' : vocational ? 'VOCATIONAL_SKILLS' : 'SUBJECT_TEACHING';
    const autumnOfCity = window.kind === 'CITY' && window.startsOn.slice(5) > '07';
    const poor = world.institutions[POOR_INSTITUTION];
    const deliverer =
      autumnOfCity && !vocational && poor?.byUnit === organiser
        ? poor
        : chooseDeliverer(random, world.institutions, organiser, { sector, category });
    const name = world.tree.divisions.find(({ code }) => code === organiser)?.name ?? '';
    return {
      key: `${organiser}/${sector}`,
      name: `${name}${year}年${national ? '国培计划' : ''}${NAMES[window.kind]}`,
      level: countyLevel ? 'COUNTY' : level,
      sector,
      category,
      organiser,
      approver: approverOf(organiser),
      deliverer,
      modality: online ? 'ONLINE' : vocational ? 'PLACEMENT' : 'FACE_TO_FACE',
    };
  }
}

const NAMES: Readonly<Record<Window['kind'], string>> = {
  COUNTY: '县域教师集中培训',
  CITY: '市级教师提升培训',
  PROVINCE: '骨干教师省级研修',
  ONLINE: '网络研修',
};

/** The unit above approves; the province its own. */
const approverOf = (organiser: string): string =>
  organiser.endsWith('0000') || organiser.endsWith('00') ? PROVINCE : `${organiser.slice(0, 4)}00`;

function chooseDeliverer(
  random: Random,
  institutions: readonly Institution[],
  organiser: string,
  wanted: Pick<Course, 'sector' | 'category'>,
): Institution {
  const able = institutions.filter(
    ({ byUnit, sectors, categories }) =>
      (byUnit === PROVINCE || byUnit.slice(0, 4) === organiser.slice(0, 4)) &&
      sectors.includes(wanted.sector) &&
      categories.includes(wanted.category),
  );
  return random.pick(able);
}
