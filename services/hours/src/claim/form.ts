import { isDate } from '@yanxiu/subgraph/calendar';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { holdsNumber } from '@yanxiu/subgraph/person/note';
import { datesOf, type Session, type Source } from '../recognition/rules.js';

export type ClaimSource = Exclude<Source, 'PARTICIPATION' | 'SCHOOL_BASED'>;

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

const MINUTES_A_DAY = 1_440;
const MAX_SESSIONS = 100;
export const MAX_TEXT = 200;

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

/** Whether all that a claim needs is there, in its form. */
export function wellFormed(claim: NewClaim): Decision {
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

/** A text of a claim: some, and not too long. */
export const isText = (text: string | null): boolean =>
  text !== null && text.trim() !== '' && text.length <= MAX_TEXT;

const isTime = (text: string | null): boolean =>
  text === null || /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
