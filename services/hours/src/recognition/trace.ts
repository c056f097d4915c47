import type { PolicySet } from '@yanxiu/registry/policy';
import { formatHundredths } from '@yanxiu/subgraph/decimal';
import type { Bilingual } from '@yanxiu/subgraph/errors';
import { scopeOf, type SourceCap } from './caps.js';
import { centihoursOf } from './unit.js';

export type TraceStep = 'ATTENDED' | 'ABSENCE' | 'OVERLAP' | 'CAP' | 'SOURCE_CAP' | 'UNIT';

/** The parameter that each step applies. */
export const PARAMETERS: Readonly<Record<TraceStep, string | null>> = {
  ATTENDED: null,
  ABSENCE: 'hours.maxAbsenceShare',
  OVERLAP: 'hours.registrarRank',
  CAP: 'hours.dayCap',
  SOURCE_CAP: 'hours.sourceCaps',
  UNIT: 'hours.minutesPerHour',
};

/** One step on the way from attended minutes to hours; its words are made when it is shown. */
export interface TraceLine {
  step: TraceStep;
  minutesBefore: number;
  minutesAfter: number;
  /** Version of the step's parameter. */
  policyVersion: number | null;
  /** Local date of a CAP, year of a UNIT, scope and period of a SOURCE_CAP. */
  about: string | null;
}

/** A line as it is shown, with what its words need of its decision. */
export interface ShownLine extends TraceLine {
  plannedMinutes: number;
}

/** A line as it is kept: in this order, without names. */
export type StoredLine = [TraceStep, number, number, number | null, string | null];

export const stored = (line: TraceLine): StoredLine => [
  line.step,
  line.minutesBefore,
  line.minutesAfter,
  line.policyVersion,
  line.about,
];

export const fromStored = ([
  step,
  minutesBefore,
  minutesAfter,
  policyVersion,
  about,
]: StoredLine): TraceLine => ({ step, minutesBefore, minutesAfter, policyVersion, about });

/** A line, with the version of its parameter in force. */
export function traceLine(
  step: TraceStep,
  [minutesBefore, minutesAfter]: [number, number],
  policies: PolicySet,
  about: string | null = null,
): TraceLine {
  const key = PARAMETERS[step];
  const policyVersion = key ? policies.get(key).version : null;
  return { step, minutesBefore, minutesAfter, policyVersion, about };
}

/** A line in words; `value` is that of its parameter in the version that it names. */
export function wordsOf(line: TraceLine, plannedMinutes: number, value: unknown): Bilingual {
  const { minutesBefore: before, minutesAfter: after, about } = line;
  switch (line.step) {
    case 'ATTENDED':
      return {
        zh: `计划 ${plannedMinutes} 分钟，实到 ${after} 分钟。`,
        en: `${plannedMinutes} minutes planned, ${after} attended.`,
      };
    case 'ABSENCE':
      return absence(plannedMinutes, before, after === 0, Number(value));
    case 'OVERLAP':
      return before === after
        ? { zh: '与其他培训无时间重叠。', en: 'No overlap with training that ranks before it.' }
        : {
            zh: `与排序在前的培训时间重叠，让出 ${before - after} 分钟。`,
            en: `${before - after} minutes give way to training that ranks before it.`,
          };
    case 'CAP':
      return {
        zh: `${about}：计入 ${after} 分钟（每人每日上限 ${formatHundredths(Number(value))} 学时）。`,
        en: `${about}: ${after} minutes count (at most ${formatHundredths(Number(value))} hours a person a day).`,
      };
    case 'SOURCE_CAP':
      return sourceCap(line, value);
    case 'UNIT':
      return unit(about, after, Number(value));
  }
}

export function absence(
  planned: number,
  attended: number,
  refused: boolean,
  share: number,
): Bilingual {
  const missed = planned - attended;
  return {
    zh: `缺课 ${missed} / ${planned} 分钟，${refused ? '超过' : '未超过'}上限 ${share}%。`,
    en:
      `${missed} of ${planned} minutes missed, ` +
      `${refused ? 'more than' : 'within'} the ${share} % allowed.`,
  };
}

function sourceCap({ minutesBefore, minutesAfter, about }: TraceLine, value: unknown): Bilingual {
  if (about === null) {
    return { zh: '该来源不设上限。', en: 'There is no cap on this source of hours.' };
  }
  const caps = Array.isArray(value) ? (value as SourceCap[]) : [];
  const max = caps.find((cap) => about.startsWith(`${scopeOf(cap)} ${cap.period} `))?.max;
  const limit = max === undefined ? '' : formatHundredths(max);
  return {
    zh: `来源上限（${about}，${limit} 学时）：${minutesBefore} 分钟中计入 ${minutesAfter} 分钟。`,
    en: `Cap of the source (${about}, ${limit} hours): ${minutesAfter} of ${minutesBefore} minutes count.`,
  };
}

function unit(year: string | null, minutes: number, length: number): Bilingual {
  const hours = formatHundredths(centihoursOf(minutes, length));
  return {
    zh: `${year} 年：${minutes} 分钟，每学时 ${length} 分钟，计 ${hours} 学时。`,
    en: `${year}: ${minutes} minutes at ${length} minutes an hour are ${hours} hours.`,
  };
}

/** What a decision came to. */
export interface Decided {
  rule: string | null;
  plannedMinutes: number;
  attendedMinutes: number;
  creditedMinutes: number;
}

/** The decision in one sentence; `absenceShare` is the value that its trace names. */
export function reasonOf(decided: Decided, absenceShare: unknown): Bilingual {
  const { rule, plannedMinutes, attendedMinutes, creditedMinutes } = decided;
  switch (rule) {
    case 'HOURS-ABSENCE':
      return absence(plannedMinutes, attendedMinutes, true, Number(absenceShare));
    case 'HOURS-OVERLAP':
      return {
        zh: '全部时间与排序在前的培训重叠，不予认定。',
        en: 'All of it overlaps with training that ranks before it: no credit.',
      };
    case 'HOURS-CAP':
      return {
        zh: '当日学时或该来源的学时已达上限，不予认定。',
        en: "The day's or the source's limit of hours was reached before: no credit.",
      };
    default:
      return {
        zh: `实到 ${attendedMinutes} 分钟，认定 ${creditedMinutes} 分钟。`,
        en: `${creditedMinutes} of ${attendedMinutes} attended minutes are recognised.`,
      };
  }
}
