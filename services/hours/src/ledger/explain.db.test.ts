import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { act, checkedClaim, registrar } from '../testing/claims.js';
import { ask, officer, teacher } from '../testing/graph.js';
import { complete, days, hire, newId, participation, session } from '../testing/province.js';
import { publishPolicy, startProvince, type Province } from '../testing/province.js';

let province: Province;
let teacherId: string;
beforeAll(async () => {
  province = await startProvince();
  teacherId = await hire(province);
  const cap = { source: 'SELF_STUDY', period: 'YEAR', max: 100 };
  await publishPolicy(province, 'hours.sourceCaps', [cap], { version: 2, article: 'A8' });
  await complete(province, participation(teacherId, days('2025-03-03', 9, 360)));
  const claimId = await checkedClaim(province, teacherId);
  await act(province, registrar(), 'decideClaim', { claimId, accepted: true });
});
afterAll(() => province.stop());

const VERDICT = `query ($id: ID!) { explainVerdict(teacherId: $id, year: 2025) {
  text monthsInService hours { total verdict basis { key version value article quotation } }
  entries { text entry { id hours source } } } }`;
const EXPLAIN = `query ($id: ID!) { explain(entryId: $id) { text entry { hours rawMinutes registrar { code } }
  steps { step text minutesBefore minutesAfter basis { key version value article quotation } } } }`;

const verdict = async (locale: 'en' | 'zh') =>
  (await ask(province, teacher(teacherId), VERDICT, { id: teacherId }, locale)).data.explainVerdict;
const explain = async (id: string, locale: 'en' | 'zh') =>
  (await ask(province, teacher(teacherId), EXPLAIN, { id }, locale)).data.explain;

describe('explainVerdict', () => {
  it('names the requirement with its article, and every posting, in both languages', async () => {
    expect(await verdict('en')).toMatchObject({
      text: '2025: 73.00 hours; 12 months in service, 72.00 are asked: met.',
      monthsInService: 12,
      hours: {
        total: '73.00',
        verdict: 'MET',
        basis: {
          key: 'hours.basic.annual',
          version: 1,
          value: 7200,
          article: '三(一)1',
          quotation: '5年一周期，每年不少于72学时',
        },
      },
      entries: [
        {
          text: '2025: 3240 minutes of a training project (up to 2025-03-11) are 72.00 hours.',
          entry: { hours: '72.00', source: 'PARTICIPATION' },
        },
        {
          text: '2025: 90 minutes of self-study (up to 2025-05-06) are 1.00 hours.',
          entry: { hours: '1.00', source: 'SELF_STUDY' },
        },
      ],
    });
    const zh = await verdict('zh');
    expect(zh.text).toBe('2025 年：已认定 73.00 学时，在职 12 个月，应修 72.00 学时：达标。');
    expect(zh.entries[1].text).toBe(
      '2025 年：自主学习，实学 90 分钟（至 2025-05-06），认定 1.00 学时。',
    );
  });

  it('is for those who may see the teacher', async () => {
    const asked = (actor: Parameters<typeof ask>[1], id = teacherId) =>
      ask(province, actor, VERDICT, { id });
    expect((await asked(officer('140403'))).code).toBeUndefined();
    for (const actor of [officer('140404'), teacher(newId())]) {
      expect((await asked(actor)).code).toBe('NOT_FOUND');
    }
    expect((await asked(officer('140403'), 'x')).code).toBe('NOT_FOUND');
  });
});

describe('explain', () => {
  it('leaves a line of every step, with parameter, version, article and words', async () => {
    const { entries } = await verdict('en');
    const en = await explain(entries[1].entry.id, 'en');
    expect(en.entry).toEqual({ hours: '1.00', rawMinutes: 90, registrar: { code: '140400' } });
    expect(en.steps.map((step: { step: string }) => step.step)).toEqual([
      ...['ATTENDED', 'ABSENCE', 'OVERLAP', 'CAP', 'SOURCE_CAP', 'UNIT'],
    ]);
    expect(en.steps[0].basis).toBeNull();
    expect(en.steps[4]).toEqual({
      step: 'SOURCE_CAP',
      text: 'Cap of the source (SELF_STUDY YEAR 2025, 1.00 hours): 45 of 90 minutes count.',
      minutesBefore: 90,
      minutesAfter: 45,
      basis: {
        key: 'hours.sourceCaps',
        version: 2,
        value: [{ source: 'SELF_STUDY', period: 'YEAR', max: 100 }],
        article: 'A8',
        quotation: '5年一周期，每年不少于72学时',
      },
    });
    const zh = await explain(entries[1].entry.id, 'zh');
    expect(zh.steps.map((step: { text: string }) => step.text)).toEqual([
      '计划 90 分钟，实到 90 分钟。',
      '缺课 0 / 90 分钟，未超过上限 20%。',
      '与其他培训无时间重叠。',
      '2025-05-06：计入 90 分钟（每人每日上限 8.00 学时）。',
      '来源上限（SELF_STUDY YEAR 2025，1.00 学时）：90 分钟中计入 45 分钟。',
      '2025 年：45 分钟，每学时 45 分钟，计 1.00 学时。',
    ]);
  });

  it('tells of a reversal, and keeps the words of a version that was superseded', async () => {
    const id = await hire(province);
    await complete(
      province,
      participation(id, [session('2025-03-03T09:00', 180)], { level: 'SCHOOL' }),
    );
    await publishPolicy(province, 'hours.dayCap', 100, { version: 2, validFrom: '2026-01-01' });
    await complete(
      province,
      participation(id, [session('2025-03-03T09:00', 90)], { level: 'CITY' }),
    );
    const query = VERDICT;
    const { data } = await ask(province, officer('140403'), query, { id });
    const texts = data.explainVerdict.entries.map(({ text }: { text: string }) => text);
    expect(texts).toContain(
      '2025: 4.00 hours from school-based training, credited before, are taken back.',
    );
    expect(data.explainVerdict.hours.total).toBe('4.00');
  });
});
