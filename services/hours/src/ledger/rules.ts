import { formatHundredths } from '@yanxiu/subgraph/decimal';
import type { Bilingual } from '@yanxiu/subgraph/errors';
import type { Source } from '../recognition/rules.js';

const SOURCES: Readonly<Record<Source, Bilingual>> = {
  PARTICIPATION: { zh: '培训项目', en: 'a training project' },
  SCHOOL_BASED: { zh: '校本研修', en: 'school-based training' },
  SELF_STUDY: { zh: '自主学习', en: 'self-study' },
  SMART_EDUCATION: { zh: '国家智慧教育平台', en: 'the national Smart Education Platform' },
  EXTERNAL: { zh: '外部培训', en: 'training outside the platform' },
  DEGREE: { zh: '学历提高', en: 'degree study' },
  OVERSEAS: { zh: '出国（境）培训', en: 'training abroad' },
};

/** A posting in a sentence; its decision's steps say how it came about. */
export function entryWords(entry: {
  year: number;
  centihours: number;
  rawMinutes: number;
  validOn: string;
  source: Source;
}): Bilingual {
  const { year, centihours, rawMinutes, validOn } = entry;
  const [hours, source] = [formatHundredths(Math.abs(centihours)), SOURCES[entry.source]];
  if (centihours < 0) {
    return {
      zh: `${year} 年：冲销此前认定的 ${hours} 学时（${source.zh}）。`,
      en: `${year}: ${hours} hours from ${source.en}, credited before, are taken back.`,
    };
  }
  return {
    zh: `${year} 年：${source.zh}，实学 ${rawMinutes} 分钟（至 ${validOn}），认定 ${hours} 学时。`,
    en: `${year}: ${rawMinutes} minutes of ${source.en} (up to ${validOn}) are ${hours} hours.`,
  };
}
