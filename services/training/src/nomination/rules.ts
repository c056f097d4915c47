import type { Governed } from '@yanxiu/registry/permission';
import type { Actor } from '@yanxiu/subgraph/actor';
import { accepted, denied, refused } from '@yanxiu/subgraph/decision';
import type { Decision, Permission, Refusal } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';
import { organises, type Delivery } from '../class/rules.js';

const sends = (actor: Actor): Permission => inRole(actor, 'OFFICER', 'COORDINATOR');

/** Who may: each teacher put forward must lie in her unit ({@link isEligible}). */
export const may = rights({
  nominate: sends,
  withdraw: (actor: Actor, { project, sender }: { project: Delivery; sender: Governed }) =>
    all(
      sends(actor),
      sender.governed || organises(actor, project)
        ? accepted()
        : denied(
            '只有选派单位（或其上级）与主办单位可以撤回选派。',
            "Only the teacher's unit, those above it and the organiser may withdraw a nomination.",
          ),
    ),
});

/** Whom a project is for; an empty list means anyone. */
export interface Target {
  sector: string;
  targetStages: readonly string[];
  targetSubjects: readonly string[];
  targetLadders: readonly string[];
  targetRoles: readonly string[];
}

/** A teacher put forward, with what the nominating unit and the class's quota make of it. */
export interface Candidate {
  teacherId: string;
  unitCode: string;
  sector: string;
  stage: string;
  subject: string | null;
  ladder: string;
  roles: readonly string[];
  hiredOn: string;
  retiredOn: string | null;
  /** Whether the teacher's unit lies within that of the nominating actor. */
  within: boolean;
  /** The teacher's unit or the nearest above it that has a quota of the class. */
  quotaUnitCode: string | null;
}

const fits = (wanted: readonly string[], ...given: (string | null)[]): boolean =>
  wanted.length === 0 || given.some((value) => value !== null && wanted.includes(value));

const ineligible = (zh: string, en: string) => refused('NOMINATION-ELIGIBLE', zh, en);

/** Eligibility (§3.6 step 5): of the nominating unit, in service, and whom the project is for. */
export function isEligible(
  candidate: Candidate,
  target: Target,
  days: { today: string; startsOn: string },
): Decision {
  if (!candidate.within) return unknownTeacher();
  const { hiredOn, retiredOn } = candidate;
  if (hiredOn > days.today || (retiredOn !== null && retiredOn < days.startsOn)) {
    return ineligible('该教师不在职。', 'The teacher is not in service.');
  }
  if (candidate.sector !== target.sector) {
    return ineligible(
      `项目面向 ${target.sector} 类教育，该教师属于 ${candidate.sector}。`,
      `The project is for the sector ${target.sector}; the teacher's is ${candidate.sector}.`,
    );
  }
  if (!fits(target.targetStages, candidate.stage)) {
    return ineligible(
      '该教师的学段不在培训对象之内。',
      "The project is not for the teacher's stage.",
    );
  }
  if (!fits(target.targetSubjects, candidate.subject)) {
    return ineligible(
      '该教师的学科不在培训对象之内。',
      "The project is not for the teacher's subject.",
    );
  }
  if (!fits(target.targetLadders, candidate.ladder)) {
    return ineligible(
      '该教师的发展阶段不在培训对象之内。',
      "The project is not for the teacher's step of the ladder.",
    );
  }
  if (!fits(target.targetRoles, ...candidate.roles)) {
    return ineligible(
      '该教师的岗位不在培训对象之内。',
      "The project is not for the teacher's role.",
    );
  }
  return accepted();
}

export const alreadyNominated = (): { accepted: false; refusal: Refusal } =>
  refused(
    'NOMINATION-ONCE',
    '该教师已被选派参加本项目。',
    'The teacher is already nominated for this project.',
  );

/** Another's teacher looks as if there were none. */
const unknownTeacher = () =>
  ineligible(
    '您所在单位及其下属单位没有该教师，请核对编号。',
    'There is no such teacher in your unit or below it. Check the id.',
  );

const noSeat = (unitCode: string | null) =>
  unitCode === null
    ? refused(
        'NOMINATION-QUOTA',
        '该教师所在单位及其上级没有本班次的名额。',
        "Neither the teacher's unit nor one above it has a quota of this class.",
      )
    : refused(
        'NOMINATION-QUOTA',
        `单位 ${unitCode} 的名额已用完。`,
        `The quota of unit ${unitCode} is used up.`,
        { unitCode },
      );

export interface Choice {
  candidates: ReadonlyMap<string, Candidate>;
  target: Target;
  days: { today: string; startsOn: string };
  /** Teachers who are nominated for or enrolled in the project. */
  nominated: ReadonlySet<string>;
  /** Seats left by unit, as locked. */
  free: ReadonlyMap<string, number>;
}

/** Decides on each teacher on its own, in the order given; a seat is taken by the first who may. */
export function choose(
  teacherIds: readonly string[],
  choice: Choice,
): { teacherId: string; decision: Decision<Candidate> }[] {
  const free = new Map(choice.free);
  const taken = new Set(choice.nominated);
  return teacherIds.map((teacherId) => {
    const candidate = choice.candidates.get(teacherId);
    if (!candidate) return { teacherId, decision: unknownTeacher() };
    const eligible = isEligible(candidate, choice.target, choice.days);
    if (!eligible.accepted) return { teacherId, decision: eligible };
    if (taken.has(teacherId)) return { teacherId, decision: alreadyNominated() };
    const unit = candidate.quotaUnitCode;
    const left = unit === null ? 0 : (free.get(unit) ?? 0);
    if (unit === null || left < 1) return { teacherId, decision: noSeat(unit) };
    free.set(unit, left - 1);
    taken.add(teacherId);
    return { teacherId, decision: accepted(candidate) };
  });
}
