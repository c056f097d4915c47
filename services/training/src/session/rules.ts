import { localDate } from '@yanxiu/subgraph/calendar';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { rights } from '@yanxiu/subgraph/permission';
import { asDeliverer, asRunner } from '../class/rules.js';

/** Who may: attendance is taken by those who teach alone. */
export const may = rights({ schedule: asRunner, record: asDeliverer });

export interface Sitting {
  startsAt: Date;
  endsAt: Date;
}

export interface PlannedSitting extends Sitting {
  plannedMinutes: number;
}

/** A sitting lies within its class's dates, overlaps no other, and has time for what it plans. */
export function maySchedule(
  sitting: PlannedSitting,
  trainingClass: { startsOn: string; endsOn: string },
  others: readonly Sitting[],
): Decision {
  const { startsAt, endsAt, plannedMinutes } = sitting;
  if (endsAt <= startsAt || plannedMinutes < 1) {
    return refused(
      'SESSION-MINUTES',
      '结束须晚于开始，计划时长至少 1 分钟。',
      'A session ends after it starts and plans at least a minute.',
    );
  }
  const minutes = Math.floor((endsAt.getTime() - startsAt.getTime()) / 60_000);
  if (plannedMinutes > minutes) {
    return refused(
      'SESSION-MINUTES',
      `计划 ${plannedMinutes} 分钟，超出起止时间的 ${minutes} 分钟。`,
      `${plannedMinutes} planned minutes do not fit into ${minutes}.`,
      { plannedMinutes, minutes },
    );
  }
  // A session that ends at midnight belongs to the day that ends.
  const lastDay = localDate(new Date(endsAt.getTime() - 1));
  if (localDate(startsAt) < trainingClass.startsOn || lastDay > trainingClass.endsOn) {
    return refused(
      'SESSION-DATES',
      `课程须在班次日期（${trainingClass.startsOn} 至 ${trainingClass.endsOn}）之内。`,
      `A session lies within its class, ${trainingClass.startsOn} to ${trainingClass.endsOn}.`,
    );
  }
  if (others.some((other) => other.startsAt < endsAt && startsAt < other.endsAt)) {
    return refused(
      'SESSION-OVERLAP',
      '该时段与本班次的其他课程重叠。',
      'The session overlaps another one of its class.',
    );
  }
  return accepted();
}

export interface AttendanceRecord {
  enrolmentId: string;
  attendedMinutes: number;
}

/** Attendance is taken when the session is over, of its participants, up to the planned minutes. */
export function mayRecord(
  session: { endsAt: Date; plannedMinutes: number },
  participants: ReadonlySet<string>,
  records: readonly AttendanceRecord[],
  now: Date,
): Decision {
  if (now < session.endsAt) {
    return refused(
      'ATTENDANCE-FUTURE',
      '课程尚未结束，不能登记考勤。',
      'The session has not ended yet: attendance cannot be recorded.',
      { endsAt: session.endsAt.toISOString() },
    );
  }
  const strangers = records.filter(({ enrolmentId }) => !participants.has(enrolmentId));
  if (strangers.length > 0) {
    return refused(
      'ATTENDANCE-ENROLLED',
      '考勤名单中有不属于本班次的学员。',
      'Some of the records are not of participants of this class.',
      { enrolmentIds: strangers.map(({ enrolmentId }) => enrolmentId) },
    );
  }
  const { plannedMinutes } = session;
  const odd = records.filter((r) => r.attendedMinutes < 0 || r.attendedMinutes > plannedMinutes);
  if (odd.length > 0) {
    return refused(
      'ATTENDANCE-PLANNED',
      `出勤时长须在 0 与计划的 ${plannedMinutes} 分钟之间。`,
      `Attended minutes go from 0 to the planned ${plannedMinutes}.`,
      { enrolmentIds: odd.map(({ enrolmentId }) => enrolmentId) },
    );
  }
  return accepted();
}
