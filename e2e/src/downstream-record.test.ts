import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exampleEnvelope } from '@yanxiu/contracts/asyncapi';
import type { Envelope } from '@yanxiu/contracts/envelope';
import { published } from '@yanxiu/contracts/published';

interface PromotionRecord {
  teachers: Record<string, { posts: { unitCode: string }[] }>;
  early: Record<string, unknown>;
}

interface Module {
  emptyRecord(): PromotionRecord;
  take(record: PromotionRecord, topic: string, event: Envelope): void;
  answer(record: PromotionRecord, teacherId: string, year: number): { centihours: number };
}

const FILE = '../../examples/downstream-promotion/record.mjs';
let promotion: Module;
beforeAll(async () => {
  promotion = (await import(FILE)) as Module;
});

const example = (type: string) => {
  const entry = published.find((each) => each.type === `cn.yanxiu.${type}.v1`);
  if (!entry) throw new Error(`there is no ${type}`);
  return { topic: entry.topic, event: exampleEnvelope(entry) };
};

const { topic: decisions, event: credit } = example('hours.hours.credited');
const { event: refusal } = example('hours.hours.refused');
const { event: reversal } = example('hours.hours.reversed');
const data = <T>(event: Envelope) => event.data as T;
const { decisionId, teacherId } = data<{ decisionId: string; teacherId: string }>(credit);

/** One cause: credited, taken back, refused, credited anew under another decision. */
const history: Envelope[] = [
  credit,
  { ...reversal, data: { ...data<object>(reversal), reversedDecisionId: decisionId } },
  refusal,
  { ...credit, data: { ...data<object>(credit), decisionId: 'another' } },
].map((event, index) => ({ ...event, aggregateversion: index + 1 }));

describe('the record of the promotion system', () => {
  it('is the same whatever comes twice, late or early', () => {
    const inOrder = promotion.emptyRecord();
    for (const event of history) promotion.take(inOrder, decisions, event);
    expect(promotion.answer(inOrder, teacherId, 2025).centihours).toBe(2_400);
    const repeats = fc.array(fc.constantFrom(...history), { maxLength: 8 });
    const all = fc.shuffledSubarray(history, { minLength: history.length });
    fc.assert(
      fc.property(repeats, all, repeats, (before, every, after) => {
        const record = promotion.emptyRecord();
        for (const event of [...before, ...every, ...after]) {
          promotion.take(record, decisions, event);
        }
        expect(record).toEqual(inOrder);
      }),
    );
  });

  it('keeps the newest snapshot, over gaps and older ones', () => {
    const { topic, event } = example('personnel.teacher.snapshot');
    const at = (aggregateversion: number, unitCode: string): Envelope => ({
      ...event,
      aggregateversion,
      data: { ...data<object>(event), posts: [{ unitCode, from: '2020-01-01' }] },
    });
    const record = promotion.emptyRecord();
    for (const each of [at(3, 'c'), at(7, 'g'), at(5, 'e')]) promotion.take(record, topic, each);
    expect(record.teachers[event.subject]?.posts[0]?.unitCode).toBe('g');
    expect(record.early).toEqual({});
  });
});
