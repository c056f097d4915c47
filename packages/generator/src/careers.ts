import { instant } from './calendar.js';
import { officer, type Book } from './book.js';
import { TRANSFERS, TURNOVER } from './figures.js';
import { registerTeachers, registrarOf } from './registers.js';
import { groupBy } from '@yanxiu/contracts/group-by';
import { newTeacher, type Teacher } from './teachers.js';
import type { World } from './world.js';

/** First and last day away. */
export interface Away {
  from: string;
  to: string;
}

/** Who works where, as the history goes on. */
export class Careers {
  readonly active: Map<string, Teacher>;
  /** Those who leave at the end of this school year. */
  leaving = new Set<string>();
  readonly #away = new Map<string, Away[]>();

  constructor(readonly world: World) {
    this.active = new Map(world.teachers.map((teacher) => [teacher.id, teacher]));
  }

  leave(teacherId: string, away: Away): void {
    this.#away.set(teacherId, [...(this.#away.get(teacherId) ?? []), away]);
  }

  /** Whether the teacher is on a long leave on any of these days. */
  isAway(teacherId: string, from: string, to: string): boolean {
    return (this.#away.get(teacherId) ?? []).some((away) => away.from <= to && away.to >= from);
  }

  /** In the winter holidays a few change to another school of the same stage and city. */
  transfer(book: Book, year: number): void {
    const { random, tree, today } = this.world;
    const on = `${year}-02-01`;
    if (on > today) return;
    const stream = random.stream(`transfers/${year}`);
    const schools = new Map(tree.schools.map((school) => [school.code, school]));
    for (const teacher of [...this.active.values()]) {
      if (!stream.chance(TRANSFERS)) continue;
      const from = schools.get(teacher.unitCode);
      const others = tree.schools.filter(
        ({ code, stage, parentCode }) =>
          stage === teacher.stage &&
          code !== teacher.unitCode &&
          parentCode.slice(0, 4) === from?.parentCode.slice(0, 4),
      );
      if (others.length === 0) continue;
      const to = stream.pick(others);
      const city = `${to.parentCode.slice(0, 4)}00`;
      const at = instant(`${year}-01-20`, '10:00');
      const move = { teacherId: teacher.id, toUnitCode: to.code, on };
      book.step('personnel', 'teacher.transfer', at, officer(city), move);
      this.active.set(teacher.id, { ...teacher, unitCode: to.code });
    }
  }

  /** Chooses who leaves in the summer: the oldest of a school first. */
  chooseLeavers(year: number): void {
    const stream = this.world.random.stream(`leavers/${year}`);
    const list = [...this.active.values()].filter(({ roles }) => !roles.includes('PRINCIPAL'));
    const count = Math.round(list.length * TURNOVER);
    const old = list.sort((a, b) => (a.born < b.born ? -1 : 1)).slice(0, count * 3);
    const chosen = stream.shuffled(old).slice(0, count);
    this.leaving = new Set(chosen.map(({ id }) => id));
  }

  /** Leavers go on the last of August; as many join the same schools the day after. */
  renew(book: Book, year: number): void {
    const { random, tree, today, register } = this.world;
    const [last, first] = [`${year}-08-31`, `${year}-09-01`];
    if (first > today) return;
    const registrar = registrarOf(this.world);
    const schools = new Map(tree.schools.map((school) => [school.code, school]));
    const stream = random.stream(`joiners/${year}`);
    const joiners: Teacher[] = [];
    for (const id of this.leaving) {
      const teacher = this.active.get(id);
      const school = teacher && schools.get(teacher.unitCode);
      if (!teacher || !school) continue;
      const actor = registrar(teacher.unitCode);
      const at = instant(last, '11:00');
      book.step('personnel', 'teacher.retire', at, actor, { teacherId: id, on: last });
      this.active.delete(id);
      joiners.push(newTeacher(stream, school, { day: first, joiners: true, register }, false));
    }
    for (const [unit, list] of groupBy(joiners, (teacher) => registrar(teacher.unitCode).unit)) {
      registerTeachers(book, instant(first, '11:00'), officer(unit), list);
    }
    for (const joiner of joiners) {
      this.active.set(joiner.id, joiner);
      this.world.teachers.push(joiner);
    }
  }
}
