import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { participationCompleted, type ParticipationCompleted } from '@yanxiu/contracts/training';
import type { InboundMessage } from '@yanxiu/messaging/port';
import { messageOf } from '@yanxiu/testkit/events';
import { complete, hire, participation, publishPolicy, session } from '../testing/province.js';
import { startProvince } from '../testing/province.js';
import type { Province } from '../testing/province.js';

let province: Province;
beforeAll(async () => {
  // Ids in no order: nothing may depend on them.
  province = await startProvince(randomUUID);
});
afterAll(() => province.stop());

/** What holds on each cause, by its place in the list: live credits by year, and the rule. */
async function standing(teacherId: string, causes: readonly ParticipationCompleted[]) {
  const rows: { causeId: string; rule: string | null; credits: string | null }[] =
    await province.db.query(
      `SELECT d.cause_id AS "causeId", d.rule,
         (SELECT string_agg(year || ':' || sum, ',' ORDER BY year) FROM (
            SELECT year, sum(centihours) FROM hour_entry e WHERE e.cause_id = d.cause_id
            GROUP BY year HAVING sum(centihours) <> 0) y) AS credits
       FROM recognition_decision d WHERE d.teacher_id = $1 AND d.sequence =
         (SELECT max(n.sequence) FROM recognition_decision n WHERE n.cause_id = d.cause_id)`,
      [teacherId],
    );
  const numbers = new Map(causes.map(({ participationId }, index) => [participationId, index]));
  return rows
    .map(({ causeId, ...row }) => ({ cause: numbers.get(causeId), ...row }))
    .sort((a, b) => (a.cause ?? 0) - (b.cause ?? 0));
}

/** Credits less reversals, and what is kept of it as the years' totals. */
async function sums(teacherId: string): Promise<{ ledger: string; kept: string }[]> {
  return province.db.query(
    `SELECT coalesce((SELECT sum(centihours) FROM hour_entry WHERE teacher_id = $1), 0) AS ledger,
            coalesce((SELECT sum(centihours) FROM yearly_compliance
                      WHERE teacher_id = $1), 0) AS kept`,
    [teacherId],
  );
}

const claims = fc.array(
  fc.record({
    level: fc.constantFrom('NATIONAL', 'CITY', 'COUNTY', 'SCHOOL'),
    hour: fc.integer({ min: 0, max: 30 }),
    minutes: fc.integer({ min: 30, max: 400 }),
    attended: fc.integer({ min: 70, max: 100 }),
  }),
  { minLength: 2, maxLength: 5 },
);

/** The same claims as participations of another teacher, with ids in the same order. */
function claimsOf(
  teacherId: string,
  list: { level: string; hour: number; minutes: number; attended: number }[],
) {
  return list.map(({ level, hour, minutes, attended }) => {
    const date = hour < 24 ? '2024-12-31' : '2025-01-01';
    const start = `${date}T${String(hour % 24).padStart(2, '0')}:15`;
    const sessions = [session(start, minutes, Math.ceil((minutes * attended) / 100))];
    return participation(teacherId, sessions, { level: level as ParticipationCompleted['level'] });
  });
}

describe('HOURS-OVERLAP: order of arrival', () => {
  it('gives equal balances through the inbox, whatever comes first', async () => {
    const cases = claims.chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray([...list.keys()], { minLength: list.length, maxLength: list.length }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([list, order]) => {
        const [first, second] = [await hire(province), await hire(province)];
        const straight = claimsOf(first, list);
        const shuffled = claimsOf(second, list);
        for (const data of straight) expect(await complete(province, data)).toBe('applied');
        for (const index of order) {
          const data = shuffled[index];
          if (data) expect(await complete(province, data)).toBe('applied');
        }
        expect(await standing(second, shuffled)).toEqual(await standing(first, straight));
        for (const teacherId of [first, second]) {
          const [sum] = await sums(teacherId);
          expect(sum?.ledger).toBe(sum?.kept);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('gives equal balances with caps by source over a year, days apart', async () => {
    const cap = { source: 'PARTICIPATION', category: 'CAPPED', period: 'YEAR', max: 900 };
    await publishPolicy(province, 'hours.sourceCaps', [cap], { version: 2 });
    const capped = fc.array(
      fc.record({
        day: fc.integer({ min: 1, max: 9 }),
        minutes: fc.integer({ min: 60, max: 300 }),
      }),
      { minLength: 2, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(capped, fc.infiniteStream(fc.nat()), async (list, random) => {
        const [first, second] = [await hire(province), await hire(province)];
        const [straight, shuffled] = [first, second].map((teacherId) =>
          list.map(({ day, minutes }, index) =>
            participation(teacherId, [session(`2025-0${day}-1${index}T08:00`, minutes)], {
              category: 'CAPPED',
            }),
          ),
        ) as [ParticipationCompleted[], ParticipationCompleted[]];
        for (const data of straight) await complete(province, data);
        const order = shuffled.map((data) => ({ data, at: random.next().value ?? 0 }));
        order.sort((a, b) => a.at - b.at);
        for (const { data } of order) await complete(province, data);
        expect(await standing(second, shuffled)).toEqual(await standing(first, straight));
        const minutes = list.reduce((sum, each) => sum + each.minutes, 0);
        const [sum] = await sums(second);
        // Each posting is rounded by at most half a hundredth.
        expect(Number(sum?.ledger)).toBeLessThanOrEqual(900 + list.length / 2);
        if (minutes >= 405)
          expect(Number(sum?.ledger)).toBeGreaterThanOrEqual(900 - list.length / 2);
      }),
      { numRuns: 8 },
    );
    await publishPolicy(province, 'hours.sourceCaps', [], { version: 3 });
  });

  it('gives the same when all come at once', async () => {
    const [first, second] = [await hire(province), await hire(province)];
    const list = [0, 2, 4, 6, 8, 20].map((hour, index) => ({
      level: ['SCHOOL', 'COUNTY', 'CITY'][index % 3] ?? 'CITY',
      hour,
      minutes: 200,
      attended: 100,
    }));
    const [straight, crowded] = [claimsOf(first, list), claimsOf(second, list)];
    for (const data of straight) await complete(province, data);
    const outcomes = await Promise.all(crowded.map((data) => complete(province, data)));
    expect(outcomes).toEqual(list.map(() => 'applied'));
    expect(await standing(second, crowded)).toEqual(await standing(first, straight));
    const [sum] = await sums(second);
    expect(sum?.ledger).toBe(sum?.kept);
  });

  it('gives the same when causes of several teachers are told in one batch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(claims, claims), async (lists) => {
        const teachers = await Promise.all(
          lists.map(async (list) => {
            const [first, second] = [await hire(province), await hire(province)];
            const [straight, together] = [claimsOf(first, list), claimsOf(second, list)];
            for (const data of straight) await complete(province, data);
            return { first, straight, second, together };
          }),
        );
        const longest = Math.max(...lists.map((list) => list.length));
        // One of each teacher by turns, as classes that end side by side.
        const told = Array.from({ length: longest }, (_, at) =>
          teachers.flatMap(({ together }) => together[at] ?? []),
        ).flat();
        const messages = told.map((data) =>
          messageOf(participationCompleted, data.enrolmentId, data, 1),
        );
        expect(await province.inbox.takeBatch(messages)).toEqual(told.map(() => 'applied'));
        for (const { first, straight, second, together } of teachers) {
          expect(await standing(second, together)).toEqual(await standing(first, straight));
          expect(await verdictsTold(second)).toEqual(await verdictsTold(first));
          const [sum] = await sums(second);
          expect(sum?.ledger).toBe(sum?.kept);
        }
        await expectOneTransaction(teachers.map(({ second }) => second));
        await expectOwnCausation(messages);
      }),
      { numRuns: 10 },
    );
  });
});

/** Every verdict that was told of a teacher, in its order. */
async function verdictsTold(teacherId: string): Promise<unknown[]> {
  return province.db.query(
    `SELECT version, envelope->'data'->>'year' AS year, envelope->'data'->>'verdict' AS verdict,
       envelope->'data'->>'centihours' AS centihours
     FROM outbox WHERE topic = 'hours.compliance' AND key = $1 ORDER BY version`,
    [teacherId],
  );
}

/** Nothing fell back to being decided one by one. */
async function expectOneTransaction(teacherIds: readonly string[]): Promise<void> {
  const rows: object[] = await province.db.query(
    `SELECT count(DISTINCT xmin::text)::int AS transactions FROM cause
     WHERE teacher_id = ANY($1::uuid[])`,
    [teacherIds],
  );
  expect(rows).toEqual([{ transactions: 1 }]);
}

/** The first decision on each cause names the event that told of it. */
async function expectOwnCausation(messages: readonly InboundMessage[]): Promise<void> {
  for (const { value } of messages) {
    const { id, data } = JSON.parse(value) as { id: string; data: ParticipationCompleted };
    const rows: object[] = await province.db.query(
      `SELECT envelope->>'causationid' AS "causationId" FROM outbox
       WHERE topic = 'hours.decision' AND key = $1 AND version = 1`,
      [data.participationId],
    );
    expect(rows).toEqual([{ causationId: id }]);
  }
}
