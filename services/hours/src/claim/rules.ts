import { addDays, isDate, localDate } from '@yanxiu/subgraph/calendar';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { holdsNumber } from '@yanxiu/subgraph/person/note';
import { cycleOf, type CycleParameter } from '../compliance/rules.js';
import { datesOf, type Session, type Source } from '../recognition/rules.js';
import { postOn, type Post } from '../teacher/rules.js';

export type ClaimSource = Exclude<Source, 'PARTICIPATION' | 'SCHOOL_BASED'>;

export type ClaimStatus =
  'SUBMITTED' | 'RETURNED' | 'CHECKED' | 'ACCEPTED' | 'REFUSED' | 'APPEALED' | 'DISMISSED';

/** Time spent on one day; without a start it lies anywhere in the day and overlaps with nothing. */
export interface ClaimSession {
  /** Local date, `YYYY-MM-DD`. */
  date: string;
  /** Local time, `HH:MM`. */
  startTime: string | null;
  minutes: number;
}

/** What shows that it took place; its content stays where it is. */
export interface Evidence {
  /** Hexadecimal. */
  sha256: string;
  name: string;
  /** Bytes. */
  size: number;
}

/** A claim as it is made. */
export interface NewClaim {
  teacherId: string;
  source: ClaimSource;
  category: string;
  modality: string;
  title: string;
  projectId: string | null;
  sessions: readonly ClaimSession[];
  evidence: Evidence;
  /** Of DEGREE: how the study serves the duty (学用一致). */
  relevance: string | null;
  /** Of OVERSEAS: the approval it was made under. */
  approval: string | null;
}

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

const MINUTES_A_DAY = 1_440;
const MAX_SESSIONS = 100;
const MAX_TEXT = 200;

/** A session as recognition reads it; attended as claimed. */
export function sessionOf(
  { date, startTime, minutes }: ClaimSession,
  modality: string,
  sessionId: string,
): Session {
  const start = new Date(`${date}T${startTime ?? '00:00'}:00+08:00`);
  const end = startTime ? new Date(start.getTime() + minutes * 60_000) : start;
  return {
    sessionId,
    startsAt: start.toISOString(),
    endsAt: end.toISOString(),
    modality,
    plannedMinutes: minutes,
    attendedMinutes: minutes,
  };
}

/** The local dates that a claim touches. */
export const claimedDates = ({ sessions, modality }: Pick<NewClaim, 'sessions' | 'modality'>) =>
  datesOf(sessions.map((session) => sessionOf(session, modality, '')));

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

function wellFormed(claim: NewClaim): Decision {
  const { sessions, evidence, source } = claim;
  if (sessions.length < 1 || sessions.length > MAX_SESSIONS) {
    return refused(
      'CLAIM-SESSIONS',
      `须有 1 至 ${MAX_SESSIONS} 次学习。`,
      `Give from 1 to ${MAX_SESSIONS} sessions.`,
    );
  }
  const unreal = sessions.find(({ date, startTime }) => !isDate(date) || !isTime(startTime));
  if (unreal) {
    return refused(
      'CLAIM-DATE',
      `日期须为真实日期（如 2025-07-01），时间须为 24 小时制（如 19:30）。`,
      'Give a real date, as 2025-07-01, and a time of 24 hours, as 19:30.',
    );
  }
  const wrong = sessions.find(({ minutes }) => minutes < 1 || minutes > MINUTES_A_DAY);
  if (wrong) {
    return refused(
      'CLAIM-MINUTES',
      `每次 1 至 ${MINUTES_A_DAY} 分钟，不能是 ${wrong.minutes} 分钟。`,
      `A session has from 1 to ${MINUTES_A_DAY} minutes, not ${wrong.minutes}.`,
    );
  }
  const named = evidence.name.trim() && evidence.name.length <= MAX_TEXT;
  if (!/^[0-9a-f]{64}$/i.test(evidence.sha256) || evidence.size < 1 || !named) {
    return refused(
      'CLAIM-EVIDENCE',
      '须注明证明材料的 SHA-256（64 位十六进制）、文件名与大小。',
      'Name the evidence: its SHA-256 (64 hexadecimal digits), file name and size.',
    );
  }
  const { title, category, relevance, approval } = claim;
  if (![title, category].every(isText)) {
    return refused(
      'CLAIM-TEXT',
      `须填写名称与类别，不超过 ${MAX_TEXT} 字。`,
      `Give a title and a category, in at most ${MAX_TEXT} characters.`,
    );
  }
  if (
    [title, category, relevance, approval, evidence.name].some((text) => holdsNumber(text ?? ''))
  ) {
    return refused(
      'CLAIM-NUMBER',
      '申报内容将长期保存并供多人查看，请勿填写证件号码或电话号码。',
      'A claim is kept and read by others: leave ID and phone numbers out of it.',
    );
  }
  if (source === 'DEGREE' && !isText(relevance)) {
    return refused(
      'CLAIM-RELEVANCE',
      '学历提高须说明所学与所教的一致（学用一致）。',
      'Degree study counts when it serves the duty: say how (学用一致).',
    );
  }
  if (source === 'OVERSEAS' && !isText(approval)) {
    return refused(
      'CLAIM-APPROVAL',
      '出国（境）培训须注明批准文号。',
      'Training abroad counts when it was approved: name the approval.',
    );
  }
  return accepted();
}

const isText = (text: string | null): boolean =>
  text !== null && text.trim() !== '' && text.length <= MAX_TEXT;

const isTime = (text: string | null): boolean =>
  text === null || /^([01]\d|2[0-3]):[0-5]\d$/.test(text);

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

/** Who acts on a claim. */
export interface ClaimActor {
  subject: string;
  role: string;
  unit: string;
}

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

/** R49: the school is the first reviewer. */
export function mayCheck(claim: ClaimState, actor: ClaimActor): Decision {
  if (actor.role !== 'COORDINATOR' || actor.unit !== claim.unitCode) {
    return refused(
      'CLAIM-SCHOOL',
      `须由教师所在学校（${claim.unitCode}）的培训管理员核验。`,
      `This is for the coordinator of the teacher's school (${claim.unitCode}).`,
    );
  }
  return onStep(claim, 'SUBMITTED');
}

/** R35, R60, R74: the registrar decides, and not the person who checked it. */
export function mayDecide(claim: ClaimState, actor: ClaimActor): Decision {
  if (actor.unit !== claim.registrarCode) {
    return refused(
      'CLAIM-REGISTRAR',
      `由登记机关 ${claim.registrarCode} 决定，您代表的是 ${actor.unit}。`,
      `This is for the registrar ${claim.registrarCode} to decide; you act for ${actor.unit}.`,
    );
  }
  const step = onStep(claim, 'CHECKED');
  return step.accepted && actor.subject === claim.checkedBy ? sameOfficer() : step;
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

/** R121: another officer decides, of the registrar or of a unit above it (`above`). */
export function mayDecideAppeal(claim: ClaimState, actor: ClaimActor, above: boolean): Decision {
  if (actor.unit !== claim.registrarCode && !above) {
    return refused(
      'CLAIM-REGISTRAR',
      `申诉由登记机关 ${claim.registrarCode} 或其上级处理，您代表的是 ${actor.unit}。`,
      `An appeal is for ${claim.registrarCode} or a unit above it; you act for ${actor.unit}.`,
    );
  }
  const step = onStep(claim, 'APPEALED');
  return step.accepted && actor.subject === claim.decidedBy ? sameOfficer() : step;
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
