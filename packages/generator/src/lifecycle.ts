import { coordinator, officer, staff, type Book } from './book.js';
import { addDays, instant } from './calendar.js';
import { participantsOf, type ClassPlan, type ProjectPlan } from './projects.js';
import { uuid7, type Random } from './random.js';
import type { Step, StepActor } from './step.js';

/** The steps of a project in the order of its phases. */
export const STAGES = [
  'CREATE',
  'SUBMIT',
  'APPROVE',
  'FILE',
  'SUBMIT_SCHEME',
  'APPROVE_SCHEME',
  'OPEN_CLASSES',
  'ENROL',
  'CONFIRM',
  'START',
  'TEACH',
  'COMPLETE',
  'EVALUATE',
  'CLOSE_EVALUATION',
  'PAY',
  'CLOSE',
] as const;
export type ProjectStage = (typeof STAGES)[number];

/** A project with what its commands need: its stream, the last stage, the day that it is now. */
export interface Running {
  plan: ProjectPlan;
  random: Random;
  /** The last stage that is taken; all of them that lie before today, when not given. */
  until?: ProjectStage;
  today: string;
  /** The day on which its evaluation is closed, once that is known. */
  evaluatedOn?: string;
}

/** Days before (−) or after the first or last day of teaching at which a stage is taken. */
const DAYS: Readonly<Record<ProjectStage, readonly ['start' | 'end', number]>> = {
  CREATE: ['start', -62],
  SUBMIT: ['start', -60],
  APPROVE: ['start', -54],
  FILE: ['start', -50],
  SUBMIT_SCHEME: ['start', -46],
  APPROVE_SCHEME: ['start', -41],
  OPEN_CLASSES: ['start', -35],
  ENROL: ['start', -28],
  CONFIRM: ['start', -14],
  START: ['start', -1],
  TEACH: ['start', 0],
  COMPLETE: ['end', 1],
  EVALUATE: ['end', 6],
  CLOSE_EVALUATION: ['end', 20],
  PAY: ['end', 22],
  CLOSE: ['end', 30],
};
const SCHOOL_DAYS: Partial<typeof DAYS> = {
  CREATE: ['start', -16],
  FILE: ['start', -14],
  APPROVE: ['start', -9],
  OPEN_CLASSES: ['start', -7],
  ENROL: ['start', -6],
  CONFIRM: ['start', -4],
};

export function dayOf({ plan }: Running, stage: ProjectStage): string {
  const school = plan.level === 'SCHOOL' ? SCHOOL_DAYS[stage] : undefined;
  const [anchor, days] = school ?? DAYS[stage];
  return addDays(anchor === 'start' ? plan.startsOn : plan.endsOn, days);
}

/** Whether history has come to this stage of the project. */
export function reaches(project: Running, stage: ProjectStage): boolean {
  const { until, today } = project;
  if (until && STAGES.indexOf(stage) > STAGES.indexOf(until)) return false;
  return dayOf(project, stage) < today;
}

const at = (project: Running, stage: ProjectStage, time: string): string =>
  instant(dayOf(project, stage), time);

/** The organiser's officer, or the coordinator of a school. */
export const organiserOf = ({ level, organiser }: ProjectPlan): StepActor =>
  level === 'SCHOOL' ? coordinator(organiser) : officer(organiser);

export const delivererOf = (plan: ProjectPlan): StepActor =>
  plan.deliverer ? staff(plan.deliverer) : coordinator(plan.organiser);

const SCHEME: readonly (readonly [string, string, number, boolean, string])[] = [
  ['思想政治和师德师风教育', 'ETHICS', 0.1, false, 'LECTURE'],
  ['学科前沿与课程标准', 'SUBJECT', 0.3, false, 'CASE_TEACHING'],
  ['课堂教学实践', 'PEDAGOGY', 0.4, true, 'OBSERVATION'],
  ['学员论坛与成果展示', 'RESEARCH', 0.2, true, 'FORUM'],
];

function modulesOf(plan: ProjectPlan, random: Random): Record<string, unknown>[] {
  const longest = Math.max(...plan.classes.map(({ sessions }) => sessions.length));
  const minutes = plan.classes[0]?.sessions[0]?.minutes ?? 360;
  const total = (longest * minutes * 100) / 45;
  // One in eight falls short of half practice: the rule warns and does not refuse.
  const theory = random.chance(0.125);
  return SCHEME.map(([title, type, share, practice, deliveryMethod]) => ({
    title,
    type,
    required: true,
    hours: Math.round(total * share),
    practice: practice && !(theory && type === 'RESEARCH'),
    deliveryMethod,
    topics: [],
  }));
}

/** CREATE and SUBMIT: what funding then answers. */
export function propose(book: Book, project: Running): void {
  const { plan } = project;
  if (!reaches(project, 'CREATE')) return;
  const actor = organiserOf(plan);
  const { id: projectId, name, level, sector, category, year, deliverer, budgetFen } = plan;
  book.step('training', 'project.create', at(project, 'CREATE', '09:00'), actor, {
    id: projectId,
    name,
    level,
    sector,
    category,
    year,
    delivererIds: deliverer ? [deliverer.id] : [],
    modes: [...new Set(plan.classes.map(({ modality }) => modality))],
    budget: budgetFen,
  });
  if (level === 'SCHOOL' || !reaches(project, 'SUBMIT')) return;
  book.step('training', 'project.submit', at(project, 'SUBMIT', '09:30'), actor, { projectId });
  book.step('training', 'survey.open', at(project, 'SUBMIT', '10:00'), actor, {
    id: surveyIdOf(project),
    projectId,
    title: `${name}训前需求调研`,
    topics: ['课堂教学', '信息技术', '班级管理'],
  });
}

/** APPROVE to OPEN_CLASSES; a school's filing and its acceptance. */
export function prepare(book: Book, project: Running): void {
  const { plan } = project;
  const { id: projectId, level, approver } = plan;
  const actor = organiserOf(plan);
  const school = level === 'SCHOOL';
  const approverActor = approver === plan.organiser ? actor : officer(approver);
  const send = (
    stage: ProjectStage,
    time: string,
    command: string,
    who: StepActor,
    input: Step['input'] = { projectId },
  ): boolean => {
    if (!reaches(project, stage)) return false;
    book.step('training', command, at(project, stage, time), who, input);
    return true;
  };
  if (school) {
    if (!send('FILE', '10:00', 'project.file', actor)) return;
    if (!send('APPROVE', '10:00', 'project.accept', approverActor)) return;
  } else {
    if (!send('APPROVE', '10:00', 'project.approve', approverActor)) return;
    if (!send('FILE', '10:00', 'project.file', actor)) return;
    if (!prepareScheme(project, send)) return;
  }
  if (reaches(project, 'OPEN_CLASSES')) {
    for (const row of plan.classes) openClass(book, project, row);
  }
}

type Send = (
  stage: ProjectStage,
  time: string,
  command: string,
  who: StepActor,
  input?: Step['input'],
) => boolean;

function prepareScheme(project: Running, send: Send): boolean {
  const { plan, random } = project;
  const { id: projectId } = plan;
  const schemeId = uuid7(random, at(project, 'SUBMIT_SCHEME', '11:00'));
  const surveyId = surveyIdOf(project);
  const scheme = { id: schemeId, projectId, modules: modulesOf(plan, random) };
  const actor = organiserOf(plan);
  if (!send('SUBMIT_SCHEME', '11:00', 'scheme.submit', delivererOf(plan), scheme)) return false;
  if (!send('APPROVE_SCHEME', '15:00', 'scheme.approve', actor, { schemeId })) return false;
  return send('APPROVE_SCHEME', '16:00', 'survey.close', actor, { surveyId });
}

const surveyIdOf = (project: Running): string =>
  uuid7(project.random.stream('survey'), at(project, 'SUBMIT', '10:00'));

function openClass(book: Book, project: Running, row: ClassPlan): void {
  const { plan } = project;
  const opened = at(project, 'OPEN_CLASSES', '09:00');
  const { spareSeats = 0 } = plan;
  const capacity = participantsOf(row).length + spareSeats * row.groups.size;
  book.step('training', 'class.open', opened, delivererOf(plan), {
    id: row.id,
    projectId: plan.id,
    name: row.name,
    startsOn: plan.startsOn,
    endsOn: plan.endsOn,
    capacity,
    place: row.place,
    modality: row.modality,
  });
  const shared = [...row.groups.keys()].includes(plan.organiser);
  if (shared) quota(book, project, row, plan.organiser, capacity);
  for (const [unit, group] of row.groups) {
    if (unit !== plan.organiser) quota(book, project, row, unit, group.length + spareSeats);
  }
  for (const session of row.sessions) {
    book.step('training', 'session.schedule', opened, delivererOf(plan), {
      id: session.id,
      classId: row.id,
      title: `${row.name} ${session.date}`,
      startsAt: instant(session.date, session.from),
      endsAt: instant(session.date, session.to),
      plannedMinutes: session.minutes,
    });
  }
}

function quota(book: Book, project: Running, row: ClassPlan, unitCode: string, seats: number) {
  const allocated = at(project, 'OPEN_CLASSES', '14:00');
  const input = { id: uuid7(project.random, allocated), classId: row.id, unitCode, seats };
  book.step('training', 'quota.allocate', allocated, organiserOf(project.plan), input);
}

/** ENROL to COMPLETE: from the nomination to what hours decides on. */
export function deliver(book: Book, project: Running): void {
  const { plan } = project;
  const { id: projectId } = plan;
  const actor = organiserOf(plan);
  if (!reaches(project, 'ENROL')) return;
  if (plan.level !== 'SCHOOL') {
    const opened = at(project, 'ENROL', '09:00');
    book.step('training', 'project.openEnrolment', opened, actor, { projectId });
  }
  for (const row of plan.classes) enrol(book, project, row);
  if (!reaches(project, 'START')) return;
  book.step('training', 'project.start', at(project, 'START', '09:00'), actor, { projectId });
  for (const row of plan.classes) teach(book, project, row);
}

function enrol(book: Book, project: Running, row: ClassPlan): void {
  const { plan } = project;
  for (const [unit, group] of row.groups) {
    const who = plan.level === 'SCHOOL' ? coordinator(unit) : officer(unit);
    book.step('training', 'nomination.nominate', at(project, 'ENROL', '10:00'), who, {
      classId: row.id,
      teacherIds: group.map(({ teacherId }) => teacherId),
    });
  }
  if (!reaches(project, 'CONFIRM')) return;
  const confirmed = at(project, 'CONFIRM', '10:00');
  book.step('training', 'enrolment.confirm', confirmed, delivererOf(plan), { classId: row.id });
}

function teach(book: Book, project: Running, row: ClassPlan): void {
  const { plan, today } = project;
  if (project.until && STAGES.indexOf(project.until) < STAGES.indexOf('TEACH')) return;
  const who = delivererOf(plan);
  const participants = participantsOf(row);
  row.sessions.forEach((session, place) => {
    if (session.date >= today) return;
    const records = participants.map(({ teacherId, minutes }) => ({
      teacherId,
      attendedMinutes: minutes[place] ?? 0,
    }));
    const input = { sessionId: session.id, records };
    const recorded = instant(session.date, '22:30');
    const extra = { enrolmentsOf: row.id };
    book.step('training', 'session.recordAttendance', recorded, who, input, extra);
  });
  if (!reaches(project, 'COMPLETE')) return;
  const done = at(project, 'COMPLETE', '10:00');
  book.step('training', 'participation.completeClass', done, who, { classId: row.id });
}

/** CLOSE: after the evaluation, or after recognition for a school's own. */
export function close(book: Book, project: Running): void {
  const { plan } = project;
  const { evaluatedOn, today } = project;
  if (!reaches(project, 'CLOSE')) return;
  if (plan.level !== 'SCHOOL' && (!evaluatedOn || addDays(evaluatedOn, 10) >= today)) return;
  const day = dayOf(project, 'CLOSE');
  const late = evaluatedOn && evaluatedOn > day ? addDays(evaluatedOn, 10) : day;
  const closed = instant(late, '16:00');
  book.step('training', 'project.close', closed, organiserOf(plan), { projectId: plan.id });
}
