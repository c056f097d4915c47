import type { PolicySet } from '@yanxiu/registry/policy';
import { formatHundredths } from '@yanxiu/subgraph/decimal';
import type { Bilingual } from '@yanxiu/subgraph/errors';

export type TraceStep = 'ATTENDED' | 'ABSENCE' | 'OVERLAP' | 'CAP' | 'UNIT';

/** One step on the way from attended minutes to hours, with the parameter that it applied. */
export interface TraceLine {
  step: TraceStep;
  text: Bilingual;
  minutesBefore: number;
  minutesAfter: number;
  policyKey: string | null;
  policyVersion: number | null;
  article: string | null;
}

interface Minutes {
  plannedMinutes: number;
  attendedMinutes: number;
}

function line(
  step: TraceStep,
  text: Bilingual,
  [minutesBefore, minutesAfter]: [number, number],
  policies?: PolicySet,
  key?: string,
): TraceLine {
  const policy = policies && key ? policies.get(key) : null;
  return {
    step,
    text,
    minutesBefore,
    minutesAfter,
    policyKey: policy?.key ?? null,
    policyVersion: policy?.version ?? null,
    article: policy?.article ?? null,
  };
}

export const attended = ({ plannedMinutes, attendedMinutes }: Minutes): TraceLine =>
  line(
    'ATTENDED',
    {
      zh: `计划 ${plannedMinutes} 分钟，实到 ${attendedMinutes} 分钟。`,
      en: `${plannedMinutes} minutes planned, ${attendedMinutes} attended.`,
    },
    [plannedMinutes, attendedMinutes],
  );

export function absence(
  policies: PolicySet,
  { plannedMinutes, attendedMinutes }: Minutes,
  refused: boolean,
): TraceLine {
  const key = 'hours.maxAbsenceShare';
  const [missed, share] = [plannedMinutes - attendedMinutes, policies.value<number>(key)];
  const text = {
    zh: `缺课 ${missed} / ${plannedMinutes} 分钟，${refused ? '超过' : '未超过'}上限 ${share}%。`,
    en:
      `${missed} of ${plannedMinutes} minutes missed, ` +
      `${refused ? 'more than' : 'within'} the ${share} % allowed.`,
  };
  return line('ABSENCE', text, [attendedMinutes, refused ? 0 : attendedMinutes], policies, key);
}

export function overlap(policies: PolicySet, before: number, after: number): TraceLine {
  const text =
    before === after
      ? { zh: '与其他培训无时间重叠。', en: 'No overlap with training that ranks before it.' }
      : {
          zh: `与排序在前的培训时间重叠，让出 ${before - after} 分钟。`,
          en: `${before - after} minutes give way to training that ranks before it.`,
        };
  return line('OVERLAP', text, [before, after], policies, 'hours.registrarRank');
}

export function cap(
  policies: PolicySet,
  day: { date: string; afterOverlap: number; minutes: number },
): TraceLine {
  const key = 'hours.dayCap';
  const limit = formatHundredths(policies.value<number>(key));
  const text = {
    zh: `${day.date}：计入 ${day.minutes} 分钟（每人每日上限 ${limit} 学时）。`,
    en: `${day.date}: ${day.minutes} minutes count (at most ${limit} hours a person a day).`,
  };
  return line('CAP', text, [day.afterOverlap, day.minutes], policies, key);
}

export function unit(
  policies: PolicySet,
  credit: { year: number; minutes: number; centihours: number },
): TraceLine {
  const key = 'hours.minutesPerHour';
  const hours = formatHundredths(credit.centihours);
  const length = policies.value<number>(key);
  const text = {
    zh: `${credit.year} 年：${credit.minutes} 分钟，每学时 ${length} 分钟，计 ${hours} 学时。`,
    en: `${credit.year}: ${credit.minutes} minutes at ${length} minutes an hour are ${hours} hours.`,
  };
  return line('UNIT', text, [credit.minutes, credit.minutes], policies, key);
}

/** The decision in one sentence. */
export function reason(refusal: string | null, credited: number, before: number): Bilingual {
  if (refusal === 'HOURS-OVERLAP') {
    return {
      zh: '全部时间与排序在前的培训重叠，不予认定。',
      en: 'All of it overlaps with training that ranks before it: no credit.',
    };
  }
  if (refusal === 'HOURS-CAP') {
    return {
      zh: '当日学时已达上限，不予认定。',
      en: "The day's limit of hours was reached before: no credit.",
    };
  }
  return {
    zh: `实到 ${before} 分钟，认定 ${credited} 分钟。`,
    en: `${credited} of ${before} attended minutes are recognised.`,
  };
}
