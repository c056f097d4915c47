import { endOfDay, localDate } from '@yanxiu/subgraph/calendar';

/** What was planned and attended on one occasion. */
export interface Session {
  sessionId: string;
  /** ISO instants. */
  startsAt: string;
  endsAt: string;
  modality: string;
  plannedMinutes: number;
  attendedMinutes: number;
}

/** The part of a session that lies on one local date. */
export interface Piece {
  date: string;
  /** Milliseconds since the epoch. */
  start: number;
  end: number;
  /** Attended. */
  minutes: number;
}

/** Minutes that count as attended: never more than were planned. */
export const attendedOf = (session: Session): number =>
  Math.min(session.attendedMinutes, session.plannedMinutes);

/** How the sessions were held; `MIXED` when in several ways. */
export function modalityOf(sessions: readonly Session[]): string {
  const modalities = new Set(sessions.map(({ modality }) => modality));
  return modalities.size === 1 ? ([...modalities][0] ?? 'MIXED') : 'MIXED';
}

/** Local dates (Asia/Shanghai) that sessions touch, in order. */
export function datesOf(sessions: readonly Session[]): string[] {
  const dates = sessions.flatMap((session) => piecesOf(session).map(({ date }) => date));
  return [...new Set(dates)].sort();
}

/** Splits a session by local date, its attended minutes in proportion to the time on each. */
export function piecesOf(session: Session): Piece[] {
  const [from, to] = [Date.parse(session.startsAt), Date.parse(session.endsAt)];
  const attended = attendedOf(session);
  const dateOf = (instant: number) => localDate(new Date(instant));
  if (to <= from) return [{ date: dateOf(from), start: from, end: from, minutes: attended }];
  const pieces: Piece[] = [];
  let given = 0;
  for (let start = from; start < to;) {
    const end = Math.min(to, endOfDay(start));
    // What has been given up to `end` is rounded, so that the parts add up to the whole.
    const upToEnd = Math.floor((attended * (end - from)) / (to - from));
    pieces.push({ date: dateOf(start), start, end, minutes: upToEnd - given });
    given = upToEnd;
    start = end;
  }
  return pieces;
}
