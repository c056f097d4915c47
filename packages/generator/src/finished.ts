import { groupBy } from '@yanxiu/contracts/group-by';
import type { ParticipationCompleted } from '@yanxiu/contracts/training';
import { officer, type Book } from './book.js';
import { instant } from './calendar.js';
import type { Careers } from './careers.js';
import { dayOf, reaches, type Running } from './lifecycle.js';
import type { ClassPlan, Participant } from './projects.js';
import { namedUuid7 } from './random.js';
import { registrarOf } from './registers.js';
import type { Phase } from './step.js';
import type { Teacher } from './teachers.js';
import { PROVINCE } from './tree.js';
import type { World } from './world.js';

/** Teachers of one command: some thousand participations. */
const AT_ONCE = 200;

/** One participation in a class that is over. */
interface Finished {
  project: Running;
  row: ClassPlan;
  participant: Participant;
}

/** By teacher, in the order of time, what has finished of these projects. */
function finishedOf(projects: readonly Running[]): Map<string, Finished[]> {
  const over = projects
    .filter((project) => reaches(project, 'COMPLETE'))
    .sort((a, b) => (a.plan.endsOn < b.plan.endsOn ? -1 : a.plan.endsOn > b.plan.endsOn ? 1 : 0));
  const ofTeacher = new Map<string, Finished[]>();
  for (const project of over) {
    for (const row of project.plan.classes) {
      for (const group of row.groups.values()) {
        for (const participant of group) {
          const one = { project, row, participant };
          const own = ofTeacher.get(participant.teacherId);
          if (own) own.push(one);
          else ofTeacher.set(participant.teacherId, [one]);
        }
      }
    }
  }
  return ofTeacher;
}

/** As training tells of it when the class is completed. */
function told(
  seed: number,
  { project, row, participant }: Finished,
  { unitCode }: Teacher,
  registrar: string,
): ParticipationCompleted {
  const { id: projectId, level, category, sector } = project.plan;
  const { teacherId, minutes } = participant;
  const at = instant(dayOf(project, 'COMPLETE'), '10:00');
  const idOf = (what: string): string => namedUuid7(`${seed}/${what}/${row.id}/${teacherId}`, at);
  return {
    enrolmentId: idOf('enrolment'),
    participationId: idOf('participation'),
    projectId,
    classId: row.id,
    teacherId,
    unitCode,
    at,
    level,
    category,
    registrarCode: sector === 'HIGHER' ? unitCode : registrar,
    sessions: row.sessions.map((session, place) => ({
      sessionId: session.id,
      startsAt: instant(session.date, session.from),
      endsAt: instant(session.date, session.to),
      modality: row.modality,
      plannedMinutes: session.minutes,
      attendedMinutes: minutes[place] ?? 0,
    })),
  };
}

/** Hours are registered by the city; what lies in none registers its own (§3.1). */
const registrarIn = (home: string, { unitCode }: Teacher): string =>
  home === PROVINCE ? unitCode : `${home.slice(0, 4)}00`;

const copyOf = ({ plan: { id, sector, deliverer } }: Running) => ({
  projectId: id,
  sector,
  delivererIds: deliverer ? [deliverer.id] : [],
});

/**
 * What has finished of a year's projects, entered into the ledger: a phase for the schools under
 * each unit, made when it is asked for.
 */
export function* loadFinished(
  book: Book,
  { world, active }: Careers,
  year: number,
  projects: readonly Running[],
): Generator<Phase> {
  const ofTeacher = finishedOf(projects);
  const homeOf = registrarOf(world);
  const teachers = [...active.values()].filter(({ id }) => ofTeacher.has(id));
  for (const [home, staff] of groupBy(teachers, ({ unitCode }) => homeOf(unitCode).unit)) {
    book.phase(`${year}年：学时 ${nameOf(world, home)}`);
    for (let from = 0; from < staff.length; from += AT_ONCE) {
      const some = staff.slice(from, from + AT_ONCE);
      const finished = some.flatMap(({ id }) => ofTeacher.get(id) ?? []);
      const participations = some.flatMap((teacher) =>
        (ofTeacher.get(teacher.id) ?? []).map((one) =>
          told(world.seed, one, teacher, registrarIn(home, teacher)),
        ),
      );
      const at = participations.reduce((last, { at }) => (at > last ? at : last), '');
      book.step('hours', 'ledger.load', at, officer(PROVINCE), {
        projects: [...new Set(finished.map(({ project }) => project))].map(copyOf),
        participations,
      });
    }
    yield* book.take();
  }
}

const nameOf = ({ tree }: World, code: string): string =>
  tree.divisions.find((unit) => unit.code === code)?.name ?? code;
