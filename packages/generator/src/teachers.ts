import { addDays, instant, yearOf } from './calendar.js';
import { LADDER, WOMEN, WOMEN_KINDERGARTEN, type Stage } from './figures.js';
import { idNumber, type Register } from './id-number.js';
import { personName } from './names.js';
import { uuid7, type Random } from './random.js';
import type { School } from './tree.js';

export type Ladder = keyof typeof LADDER;

/** An invented person at the school where the history finds them. */
export interface Teacher {
  id: string;
  name: string;
  idNumber: string;
  unitCode: string;
  stage: Stage;
  subject: string;
  ladder: Ladder;
  roles: string[];
  hiredOn: string;
  title: string;
  born: string;
}

const SUBJECTS: Readonly<Record<Stage, readonly string[]>> = {
  KINDERGARTEN: ['学前教育'],
  PRIMARY: ['语文', '数学', '英语', '科学', '道德与法治', '体育', '音乐', '美术'],
  JUNIOR_SECONDARY: ['语文', '数学', '英语', '物理', '化学', '生物', '历史', '地理', '体育'],
  SENIOR_SECONDARY: ['语文', '数学', '英语', '物理', '化学', '生物', '历史', '地理', '政治'],
  SPECIAL: ['特殊教育'],
  SECONDARY_VOCATIONAL: ['机电技术', '信息技术', '会计', '护理', '旅游服务', '语文', '数学'],
  HIGHER: ['马克思主义理论', '中国语言文学', '数学', '计算机科学', '教育学', '化学'],
};

const TITLES: Readonly<Record<Ladder, string>> = {
  NEW: '三级教师',
  YOUNG: '二级教师',
  BACKBONE: '一级教师',
  MASTER: '高级教师',
};

const AGE: Readonly<Record<Ladder, readonly [number, number]>> = {
  NEW: [23, 27],
  YOUNG: [27, 37],
  BACKBONE: [34, 54],
  MASTER: [42, 57],
};

/** Days from joining the profession to the day on which the history begins. */
function hireDate(random: Random, ladder: Ladder, born: string, before: string): string {
  const since = yearOf(before) - yearOf(born) - 23;
  const years = ladder === 'NEW' ? random.int(1, 2) : Math.max(1, since - random.int(0, 3));
  const date = `${yearOf(before) - years}-08-${String(random.int(15, 31))}`;
  return date < '1986-01-01' ? '1986-09-01' : date;
}

const TEACHING = ['CLASSROOM_TEACHER'];

function rolesOf(random: Random, first: boolean, school: School): string[] {
  if (first) return ['PRINCIPAL'];
  if (school.stage === 'HIGHER') return random.chance(0.2) ? ['GRADUATE_SUPERVISOR'] : TEACHING;
  return random.chance(0.03) ? [...TEACHING, 'TEACHING_RESEARCHER'] : TEACHING;
}

export interface Cohort {
  /** The day before which all of them were hired, or the day on which a joiner begins. */
  day: string;
  joiners: boolean;
  register: Register;
}

/** One teacher of a school; `first` is its principal. */
export function newTeacher(
  random: Random,
  school: School,
  { day, joiners, register }: Cohort,
  first: boolean,
): Teacher {
  const woman = random.chance(school.stage === 'KINDERGARTEN' ? WOMEN_KINDERGARTEN : WOMEN);
  const ladder = joiners ? 'NEW' : first ? 'MASTER' : random.weighted(LADDER);
  const [young, old] = AGE[ladder];
  const birthYear = yearOf(day) - random.int(young, old);
  const born = addDays(`${birthYear}-01-01`, random.int(0, 364));
  return {
    id: uuid7(random, instant(day, '09:00')),
    name: personName(random, woman),
    idNumber: idNumber(random, born, woman, register),
    unitCode: school.code,
    stage: school.stage,
    subject: random.pick(SUBJECTS[school.stage]),
    ladder,
    roles: rolesOf(random, first, school),
    hiredOn: joiners ? day : hireDate(random, ladder, born, day),
    title: TITLES[ladder],
    born,
  };
}

/** The staff of every school on the day on which the history begins. */
export function staffOf(random: Random, schools: readonly School[], cohort: Cohort): Teacher[] {
  return schools.flatMap((school) => {
    const stream = random.stream(school.code);
    return Array.from({ length: school.teachers }, (_, at) =>
      newTeacher(stream, school, cohort, at === 0),
    );
  });
}
