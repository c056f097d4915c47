import type { Actor } from '@yanxiu/subgraph/actor';
import { addDays, localDate } from '@yanxiu/subgraph/calendar';
import { accepted, refused, type Decision, type Permission } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';
import { cycleOf, type CycleParameter } from '../compliance/rules.js';
import { postOn, type Post } from '../teacher/rules.js';
import { MAX_TEXT, claimedDates, isText, sessionOf, wellFormed, type NewClaim } from './form.js';

export type ClaimStatus =
  'SUBMITTED' | 'RETURNED' | 'CHECKED' | 'ACCEPTED' | 'REFUSED' | 'APPEALED' | 'DISMISSED';

/** Value of the parameter `hours.claims`. */
export interface ClaimParameter {
  /** Days after a cycle's end in which its hours may still be claimed. */
  graceDays: number;
  schoolDays: number;
  registrarDays: number;
  /** Days after a refusal in which it may be appealed against. */
  appealDays: number;
  appealDecisionDays: number;
}

/** What a claim is judged by. */
export interface ClaimFacts {
  now: Date;
  /** The teacher's posts; null when she is not known, or not to the one who claims. */
  posts: readonly Post[] | null;
  /** The project is known, and delivered by the institution that claims (if one does). */
  projectKnown: boolean;
  cycle: CycleParameter;
  parameter: ClaimParameter;
  /** There is such a claim already. */
  claimed: boolean;
}

/** Whether a claim may be made; the value is the post held on its first day. */
export function mayClaim(claim: NewClaim, facts: ClaimFacts): Decision<Post> {
  const form = wellFormed(claim);
  if (!form.accepted) return form;
  const { posts, projectKnown } = facts;
  if (!posts) return unknownTeacher();
  if (!projectKnown) {
    return refused(
      'CLAIM-PROJECT',
      '没有该培训项目，或项目不由贵机构承办。',
      'There is no such project, or your institution does not deliver it.',
    );
  }
  const time = inTime(claim, facts);
  if (!time.accepted) return time;
  const dates = claimedDates(claim);
  const outside = dates.find((date) => !postOn(posts, date));
  const post = postOn(posts, dates[0] ?? '');
  if (outside !== undefined || !post) {
    return refused(
      'CLAIM-SERVICE',
      `${outside} 不在该教师的任职期间内。`,
      `On ${outside} the teacher was not in service.`,
    );
  }
  return facts.claimed ? claimedBefore() : accepted(post);
}

export const unknownTeacher = () =>
  refused(
    'CLAIM-TEACHER',
    '没有该教师，或其不在您的范围内。请核对教师编号。',
    'There is no such teacher within your reach. Check the id.',
  );

export const claimedBefore = () =>
  refused(
    'HOURS-ONCE',
    '同一证明材料自该日起的学时已申报过；一项只认定一次。',
    'Hours shown by this evidence from this day on are claimed already: each counts once.',
  );

function inTime(claim: NewClaim, { now, cycle, parameter }: ClaimFacts): Decision {
  const today = localDate(now);
  const ends = claim.sessions.map((session) => sessionOf(session, '', '').endsAt);
  const dates = claimedDates(claim);
  if (dates.some((date) => date > today) || ends.some((end) => Date.parse(end) > now.getTime())) {
    return refused('CLAIM-FUTURE', '学习尚未完成，不能申报。', 'It has not taken place yet.');
  }
  for (const year of new Set(dates.map((date) => Number(date.slice(0, 4))))) {
    const [first, last] = cycleOf(year, cycle);
    if (today > addDays(`${last}-12-31`, parameter.graceDays)) {
      return refused(
        'CLAIM-CYCLE',
        `${first}–${last} 周期已结束，不再受理申报。`,
        `The cycle ${first}–${last} is closed: nothing more is claimed for it.`,
      );
    }
  }
  return accepted();
}

/** R35, R60, R74: the city registers for basic and vocational schools, a university for itself. */
export const registrarOf = ({ sector, unitCode, path }: Post, cities: ReadonlySet<string>) =>
  (sector === 'HIGHER' ? null : path?.split('.').find((code) => cities.has(code))) ?? unitCode;

/** What a step on a claim needs to know of it. */
export interface ClaimState {
  status: ClaimStatus;
  unitCode: string;
  registrarCode: string;
  dueAt: Date | null;
  /** Who checked it at the school. */
  checkedBy: string | null;
  /** Who decided on it first. */
  decidedBy: string | null;
}

const onStep = (claim: ClaimState, ...wanted: ClaimStatus[]): Decision =>
  wanted.includes(claim.status)
    ? accepted()
    : refused(
        'CLAIM-STEP',
        `该申报处于 ${claim.status}，此步须在 ${wanted.join('、')} 时办理。`,
        `The claim is ${claim.status}; this step is for one that is ${wanted.join(' or ')}.`,
      );

export const notRegistrar = (registrarCode: string, { unit }: Pick<Actor, 'unit'>) =>
  refused(
    'CLAIM-REGISTRAR',
    `该教师的学时由 ${registrarCode} 登记，您代表的是 ${unit}。`,
    `Her hours are registered by ${registrarCode}; you act for ${unit}.`,
  );

type Registered = Pick<ClaimState, 'registrarCode'>;

/** R49: the school is the first reviewer. */
const asSchool = (actor: Actor, { unitCode }: Pick<ClaimState, 'unitCode'>): Permission =>
  all(
    inRole(actor, 'COORDINATOR'),
    actor.unit === unitCode
      ? accepted()
      : refused(
          'CLAIM-SCHOOL',
          `须由教师所在学校（${unitCode}）的培训管理员核验。`,
          `This is for the coordinator of the teacher's school (${unitCode}).`,
        ),
  );

/** R35, R60, R74: the registrar decides. */
const asRegistrar = (actor: Actor, { registrarCode }: Registered): Permission =>
  all(
    inRole(actor, 'OFFICER', 'COORDINATOR'),
    actor.unit === registrarCode
      ? accepted()
      : refused(
          'CLAIM-REGISTRAR',
          `由登记机关 ${registrarCode} 决定，您代表的是 ${actor.unit}。`,
          `This is for the registrar ${registrarCode} to decide; you act for ${actor.unit}.`,
        ),
  );

/** R121: the registrar decides on an appeal, or an officer of a unit above it (`above`). */
const onAppeal = (
  actor: Actor,
  { registrarCode, above }: Registered & { above: boolean },
): Permission =>
  all(
    inRole(actor, 'OFFICER', 'COORDINATOR'),
    actor.unit === registrarCode || (actor.role === 'OFFICER' && above)
      ? accepted()
      : refused(
          'CLAIM-REGISTRAR',
          `申诉由登记机关 ${registrarCode} 或其上级处理，您代表的是 ${actor.unit}。`,
          `An appeal is for ${registrarCode} or a unit above it; you act for ${actor.unit}.`,
        ),
  );

/** A teacher as whoever claims for her meets her. */
interface Claimant {
  teacherId: string;
  /** The unit of her present post. */
  unitCode: string | null;
}

/** A teacher claims for herself, a coordinator for the school's own. */
function claims(actor: Actor, { teacherId, unitCode }: Claimant): Permission {
  const hers = actor.role !== 'TEACHER' || actor.teacher === teacherId;
  const school = actor.role !== 'COORDINATOR' || actor.unit === unitCode;
  return hers && school ? submits(actor) : unknownTeacher();
}

const submits = (actor: Actor): Permission =>
  inRole(actor, 'TEACHER', 'COORDINATOR', 'INSTITUTION', 'OFFICER');

/** Who may make claims, and take a step on one. */
export const may = rights({
  submit: submits,
  claimFor: claims,
  /** An officer claims what she registers. */
  register: (actor: Actor, { registrarCode }: Registered): Permission =>
    actor.role !== 'OFFICER' || actor.unit === registrarCode
      ? accepted()
      : notRegistrar(registrarCode, actor),
  check: asSchool,
  decide: asRegistrar,
  /** Hers alone: another's is not found. */
  appeal: (actor: Actor, { teacherId }: { teacherId: string }) =>
    all(inRole(actor, 'TEACHER'), actor.teacher === teacherId ? accepted() : unknownTeacher()),
  decideAppeal: onAppeal,
});

/** A claim that was made is checked. */
export const mayBeChecked = (claim: ClaimState): Decision => onStep(claim, 'SUBMITTED');

/** R35, R60, R74: what was checked is decided on, and not by the person who checked it. */
export function mayBeDecided(claim: ClaimState, { subject }: Pick<Actor, 'subject'>): Decision {
  const step = onStep(claim, 'CHECKED');
  return step.accepted && subject === claim.checkedBy ? sameOfficer() : step;
}

const sameOfficer = () =>
  refused(
    'CLAIM-OFFICER',
    '须由另一名工作人员办理。',
    'Another person than the one who took the step before must take this one.',
  );

/** R121: a refusal may be appealed against for some days. */
export function mayAppeal(claim: ClaimState, now: Date): Decision {
  const step = onStep(claim, 'REFUSED');
  if (!step.accepted || (claim.dueAt && now <= claim.dueAt)) return step;
  return refused('CLAIM-APPEAL-LATE', '申诉期限已过。', 'The time to appeal is over.');
}

/** R121: another officer decides on an appeal. */
export function appealMayBeDecided(
  claim: ClaimState,
  { subject }: Pick<Actor, 'subject'>,
): Decision {
  const step = onStep(claim, 'APPEALED');
  return step.accepted && subject === claim.decidedBy ? sameOfficer() : step;
}

/** A refusal, and whatever sends a claim back, says why. */
export const withReason = (positive: boolean, reason: string | null): Decision =>
  positive || isText(reason)
    ? accepted()
    : refused(
        'CLAIM-REASON',
        `请说明理由，不超过 ${MAX_TEXT} 字。`,
        `Say why, in at most ${MAX_TEXT} characters.`,
      );
