import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { teacherTransferred } from '@yanxiu/contracts/personnel';
import { participationCompleted } from '@yanxiu/contracts/training';
import type { InboundMessage } from '@yanxiu/messaging/port';
import { rebuild } from '@yanxiu/subgraph/rebuild/rebuild';
import { deliver, messageOf } from '@yanxiu/testkit/events';
import { fold } from '../rollup/fold.js';
import { service } from '../subgraph.js';
import { ask, officer, teacher } from '../testing/graph.js';
import { balance, postings, type ModelCause } from '../testing/model.js';
import { hire, participation, publishPolicy, startProvince } from '../testing/province.js';
import { OTHER_SCHOOL, SCHOOL, type Province } from '../testing/province.js';

const YEARS = [2025, 2026] as const;
/** Low, so that some of the runs meet it. */
const MINIMUM = 700;
const START = Date.parse('2025-12-30T00:00:00+08:00');
const DAY_MS = 86_400_000;

let province: Province;
beforeAll(async () => {
  province = await startProvince(randomUUID);
  province.clock.now = new Date('2026-02-01T04:00:00Z');
  await publishPolicy(province, 'hours.basic.annual', MINIMUM, { version: 2 });
});
afterAll(() => province.stop());

type Given = Omit<ModelCause, 'id'>;

const cause: fc.Arbitrary<Given> = fc
  .record({
    level: fc.constantFrom<ModelCause['level'][]>('NATIONAL', 'CITY', 'COUNTY', 'SCHOOL'),
    // Most of it on the two days around the turn of the year in Shanghai.
    start: fc.integer({ min: 1_440 + 300, max: 4_320 - 450 }),
    planned: fc.integer({ min: 1, max: 420 }),
    missed: fc.integer({ min: 0, max: 30 }),
  })
  .map(({ level, start, planned, missed }) => {
    const oneDay = Math.floor(start / 1_440) === Math.floor((start + planned - 1) / 1_440);
    const attended = oneDay ? planned - Math.floor((planned * missed) / 100) : planned;
    return { level, start, planned, attended };
  });

type Step =
  | { what: 'POST'; who: number; causes: Given[]; together: boolean }
  | { what: 'AGAIN'; which: number }
  | { what: 'TRANSFER'; who: number; day: number }
  | { what: 'WAIT'; days: number }
  | { what: 'FOLD' };

const who = fc.nat({ max: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('POST' as const),
      who,
      together: fc.boolean(),
      // Several are posted at once.
      causes: fc.array(cause, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('AGAIN' as const), which: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('TRANSFER' as const), who, day: fc.nat({ max: 60 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('WAIT' as const),
      days: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('FOLD' as const) }) },
);

interface World {
  teachers: { id: string; causes: ModelCause[] }[];
  told: InboundMessage[];
  /** What was answered for a day that is over, by what was known at its end. */
  answers: { teacherId: string; knownAt: string; year: number; answer: string }[];
}

const localDay = () =>
  new Date(province.clock.now.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);

const AS_OF = `query ($r: [_Any!]!, $year: Int!, $known: Date!) {
  _entities(representations: $r) { ... on Teacher {
    hoursAsOf(year: $year, validAt: "2026-12-31", knownAt: $known) {
      total required verdict unit { code } } } } }`;

async function asOf(teacherId: string, year: number, known: string): Promise<string> {
  const r = [{ __typename: 'Teacher', id: teacherId }];
  const { data } = await ask(province, teacher(teacherId), AS_OF, { r, year, known });
  return JSON.stringify(data._entities[0].hoursAsOf);
}

/** A participation as training tells of it. */
function messageFor(teacherId: string, { id, level, start, planned, attended }: ModelCause) {
  const startsAt = new Date(START + start * 60_000);
  const data = participation(
    teacherId,
    [
      {
        sessionId: randomUUID(),
        startsAt: startsAt.toISOString(),
        endsAt: new Date(startsAt.getTime() + planned * 60_000).toISOString(),
        modality: 'FACE_TO_FACE',
        plannedMinutes: planned,
        attendedMinutes: attended,
      },
    ],
    { participationId: id, level },
  );
  return messageOf(participationCompleted, data.enrolmentId, data, 1);
}

async function take(world: World, step: Step): Promise<void> {
  if (step.what === 'POST') {
    const one = world.teachers[step.who];
    if (!one) return;
    const added = step.causes.map((given) => ({ ...given, id: randomUUID() }));
    const messages = added.map((each) => messageFor(one.id, each));
    const { inbox } = province;
    const outcomes = step.together
      ? await inbox.takeBatch(messages)
      : await Promise.all(messages.map((each) => inbox.take(each)));
    expect(outcomes).toEqual(messages.map(() => 'applied'));
    one.causes.push(...added);
    world.told.push(...messages);
  } else if (step.what === 'AGAIN') {
    const message = world.told[step.which % Math.max(1, world.told.length)];
    if (message) expect(await province.inbox.take(message)).toBe('duplicate');
  } else if (step.what === 'TRANSFER') {
    const one = world.teachers[step.who];
    if (!one) return;
    const on = new Date(START + (step.day - 30) * DAY_MS).toISOString().slice(0, 10);
    await deliver(province.inbox, teacherTransferred, one.id, {
      ...{ teacherId: one.id, fromUnitCode: SCHOOL, toUnitCode: OTHER_SCHOOL, on },
      ...{ sector: 'BASIC', stage: 'PRIMARY' },
    });
  } else if (step.what === 'WAIT') {
    const knownAt = localDay();
    province.clock.now = new Date(province.clock.now.getTime() + step.days * DAY_MS);
    for (const { id: teacherId } of world.teachers) {
      for (const year of YEARS) {
        const answer = await asOf(teacherId, year, knownAt);
        world.answers.push({ teacherId, knownAt, year, answer });
      }
    }
  } else {
    await fold(province.db);
  }
}

/** Everything that is kept of a teacher, against the model. */
async function compare({ id, causes }: World['teachers'][number]): Promise<void> {
  const live: { key: string; centihours: number }[] = await province.db.query(
    `SELECT cause_id || ' ' || year AS key, sum(centihours)::int AS centihours FROM hour_entry
     WHERE teacher_id = $1 GROUP BY 1 HAVING sum(centihours) <> 0`,
    [id],
  );
  const byKey = (a: [string, number], b: [string, number]) => (a[0] < b[0] ? -1 : 1);
  expect(
    live.map(({ key, centihours }): [string, number] => [key, centihours]).sort(byKey),
  ).toEqual([...postings(causes)].sort(byKey));
  const decided: { causes: number; last: number }[] = await province.db.query(
    `SELECT (SELECT count(*)::int FROM cause WHERE teacher_id = $1) AS causes,
       (SELECT count(DISTINCT cause_id)::int FROM recognition_decision
        WHERE teacher_id = $1) AS last`,
    [id],
  );
  expect(decided).toEqual([{ causes: causes.length, last: causes.length }]);
  const kept: { year: number; centihours: number; verdict: string }[] = await province.db.query(
    `SELECT year, centihours, verdict FROM yearly_compliance
     WHERE teacher_id = $1 AND year = ANY($2::int[]) ORDER BY 1`,
    [id, YEARS],
  );
  expect(kept).toEqual(
    YEARS.map((year) => {
      const centihours = balance(causes, year);
      return { year, centihours, verdict: centihours >= MINIMUM ? 'MET' : 'SHORT' };
    }),
  );
}

describe('the ledger against a model of domain.md', () => {
  it('[R110] comes to the same after any history, and never changes what was known', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
        const ids = [await hire(province), await hire(province)];
        const world: World = {
          teachers: ids.map((id) => ({ id, causes: [] })),
          ...{ told: [], answers: [] },
        };
        for (const each of steps) await take(world, each);
        for (const one of world.teachers) await compare(one);
        for (const { teacherId, year, knownAt, answer } of world.answers) {
          expect([knownAt, await asOf(teacherId, year, knownAt)]).toEqual([knownAt, answer]);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('[R33] keeps the cap of a day when its participations come at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cause, { minLength: 4, maxLength: 6 }), async (given) => {
        const id = await hire(province);
        const world: World = { teachers: [{ id, causes: [] }], told: [], answers: [] };
        const sameDay = given.map((each, index) => ({
          ...each,
          start: 2 * 1_440 + 60 * index,
          planned: Math.max(120, each.planned),
          attended: Math.max(120, each.planned),
        }));
        await take(world, { what: 'POST', who: 0, causes: sameDay, together: false });
        await compare(world.teachers[0] ?? { id, causes: [] });
        const sums: { centihours: number }[] = await province.db.query(
          `SELECT sum(centihours)::int AS centihours FROM hour_entry WHERE teacher_id = $1`,
          [id],
        );
        // Each posting is rounded by at most half a hundredth.
        expect(sums[0]?.centihours).toBeLessThanOrEqual(800 + given.length / 2);
      }),
      { numRuns: 6 },
    );
  });

  it('keeps what follows from records as if it were made anew, and counts all of it', async () => {
    const view = service.views?.find(({ name }) => name === 'standings');
    if (!view) throw new Error('hours has no view "standings"');
    const { same } = await rebuild({
      ...{ service: 'hours', ownerUrl: province.database.ownerUrl, entities: [], view },
      transport: { read: () => Promise.reject(new Error('not from the log')) },
      ...{ checkOnly: true, onProgress: () => undefined, onChange: () => Promise.resolve() },
    });
    expect(same).toBe(true);
    const { data } = await ask(
      province,
      officer('140000'),
      `{ complianceSummary(under: "140000", tier: PROVINCE, year: 2026) {
        nodes { counts { teachers met total } } } }`,
    );
    const rows: object[] = await province.db.query(
      `SELECT count(*)::int AS teachers, count(*) FILTER (WHERE verdict = 'MET')::int AS met,
         to_char(sum(centihours) / 100.0, 'FM9999990.00') AS total
       FROM yearly_compliance WHERE year = 2026`,
    );
    expect(data.complianceSummary.nodes[0].counts).toEqual(rows);
  });
});
