import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { participationCompleted, type ParticipationCompleted } from '@yanxiu/contracts/training';
import { replayEnvironment } from '@yanxiu/messaging/environment';
import { rebuild } from '@yanxiu/subgraph/rebuild/rebuild';
import { addDays } from '@yanxiu/subgraph/calendar';
import { testContext } from '@yanxiu/testkit/context';
import { messageOf } from '@yanxiu/testkit/events';
import { service } from '../subgraph.js';
import { officer } from '../testing/graph.js';
import { days, hire, newId, participation, publishPolicy, session } from '../testing/province.js';
import { startProvince, type Province } from '../testing/province.js';
import { loadLedger, type LoadLedgerInput } from './bulk.js';

let province: Province;
beforeAll(async () => {
  province = await startProvince();
});
afterAll(() => province.stop());

/** Tells hours of a participation at its time, as training does. */
async function tell(data: ParticipationCompleted): Promise<void> {
  province.clock.now = new Date(data.at);
  const message = messageOf(participationCompleted, data.enrolmentId, data, 1);
  expect(await province.inbox.take(message)).toBe('applied');
}

function load(input: Partial<LoadLedgerInput>) {
  const { db, clock } = province;
  const context = testContext({ service: 'hours', db, actor: officer('140000') });
  const environment = replayEnvironment(() => clock.now);
  const all = { projects: [], participations: [], idempotencyKey: newId(), ...input };
  return loadLedger({ ...context, environment }, all);
}

const count = async (table: string): Promise<number> => {
  const rows: { count: number }[] = await province.db.query(
    `SELECT count(*)::int AS count FROM ${table}`,
  );
  return rows[0]?.count ?? -1;
};

/** All that is recorded of a teacher, her causes by their place in the list. */
async function recorded(teacherId: string, causes: readonly ParticipationCompleted[]) {
  const numbers = new Map(
    causes.map(({ participationId }, at) => [participationId, `cause ${at}`]),
  );
  const made = ['id', 'enrolment_id', 'project_id', 'session_id', 'teacher_id', 'changed_at'];
  const tables = ['cause', 'recognition_decision', 'hour_entry'];
  const found: Record<string, string[]> = {};
  for (const table of [...tables, 'yearly_compliance', 'cycle_compliance']) {
    const rows: { row: Record<string, unknown> }[] = await province.db.query(
      `SELECT to_jsonb(t) AS row FROM ${table} t WHERE teacher_id = $1`,
      [teacherId],
    );
    found[table] = rows
      .map(({ row }) => {
        const cause = numbers.get(String(row['cause_id'] ?? row['id']));
        return JSON.stringify({ ...row, cause_id: cause }, (name, value: unknown) =>
          made.includes(name) ? undefined : value,
        );
      })
      .sort();
  }
  return found;
}

const claims = fc.array(
  fc.record({
    level: fc.constantFrom('NATIONAL' as const, 'CITY' as const, 'SCHOOL' as const),
    hour: fc.integer({ min: 0, max: 40 }),
    minutes: fc.integer({ min: 30, max: 400 }),
    attended: fc.integer({ min: 70, max: 100 }),
  }),
  { minLength: 1, maxLength: 6 },
);

type Claim = typeof claims extends fc.Arbitrary<(infer C)[]> ? C : never;

/** Participations around the turn of a year, each told on another day. */
const participationsOf = (teacherId: string, list: readonly Claim[], category: string) =>
  list.map(({ level, hour, minutes, attended }, index) => {
    const date = addDays('2024-12-31', Math.floor(hour / 24));
    const start = `${date}T${String(hour % 24).padStart(2, '0')}:15`;
    const sessions = [session(start, minutes, Math.ceil((minutes * attended) / 100))];
    const at = new Date(Date.parse('2025-01-03T02:00:00Z') + index * 86_400_000).toISOString();
    return participation(teacherId, sessions, { level, category, at });
  });

/** The same participations, one by one and by two loads: all that is recorded of them. */
async function bothWays(list: readonly Claim[], first: number, category = 'SUBJECT') {
  const [one, two] = [await hire(province), await hire(province)];
  const [told, loaded] = [one, two].map((id) => participationsOf(id, list, category)) as [
    ParticipationCompleted[],
    ParticipationCompleted[],
  ];
  for (const data of told) await tell(data);
  const events = await count('outbox');
  await load({ participations: loaded.slice(0, first) });
  await load({ participations: loaded.slice(first).reverse() });
  expect(await count('outbox')).toBe(events);
  return { told: await recorded(one, told), loaded: await recorded(two, loaded) };
}

describe('history that is loaded', () => {
  it('is recorded as if each participation had been told at its time', async () => {
    await fc.assert(
      fc.asyncProperty(claims, fc.nat({ max: 6 }), async (list, first) => {
        const { told, loaded } = await bothWays(list, first);
        expect(loaded).toEqual(told);
        expect(loaded['cause']).toHaveLength(list.length);
      }),
      { numRuns: 15 },
    );
  });

  it('meets a cap over a year on a source, and rows for the counts', async () => {
    const cap = { source: 'PARTICIPATION', category: 'CAPPED', period: 'YEAR', max: 500 };
    await publishPolicy(province, 'hours.sourceCaps', [cap], { version: 2 });
    const claim = { level: 'CITY' as const, minutes: 180, attended: 100 };
    const list = [27, 51, 75, 99].map((hour) => ({ ...claim, hour }));
    const { told, loaded } = await bothWays(list, 2, 'CAPPED');
    expect(loaded).toEqual(told);
    expect(loaded['recognition_decision']?.join()).toContain('PARTICIPATION/CAPPED YEAR 2025');
    const view = service.views?.find(({ name }) => name === 'standings');
    if (!view) throw new Error('hours has no view "standings"');
    const { same, tables } = await rebuild({
      ...{ service: 'hours', ownerUrl: province.database.ownerUrl, entities: [], view },
      ...{ checkOnly: true, onProgress: () => undefined, onChange: () => Promise.resolve() },
      transport: { read: () => Promise.reject(new Error('not from the log')) },
    });
    expect({ same, tables }).toMatchObject({ same: true });
  });

  it('is entered once, by the same command and by another', async () => {
    const teacherId = await hire(province);
    const projectId = newId();
    const data = participation(teacherId, days('2025-03-03', 2, 360), { projectId });
    const delivererIds = [newId()];
    const projects = [{ projectId, sector: 'BASIC', delivererIds }];
    const input = { projects, participations: [data], idempotencyKey: newId() };
    expect(await load(input)).toEqual({ loaded: 1 });
    const before = await recorded(teacherId, [data]);
    expect(await load(input)).toEqual({ loaded: 1 });
    expect(await load({ ...input, idempotencyKey: newId() })).toEqual({ loaded: 0 });
    expect(await recorded(teacherId, [data])).toEqual(before);
    const copies: unknown[] = await province.db.query(
      `SELECT deliverer_ids, sector, nominating FROM project_copy WHERE id = $1`,
      [projectId],
    );
    expect(copies).toEqual([{ deliverer_ids: delivererIds, sector: 'BASIC', nominating: false }]);
    const enrolled: unknown[] = await province.db.query(
      'SELECT id, status FROM enrolment WHERE project_id = $1',
      [projectId],
    );
    expect(enrolled).toEqual([{ id: data.enrolmentId, status: 'CONFIRMED' }]);
  });

  it('is refused as a whole when a teacher, a unit or the shape is not known', async () => {
    const good = participation(await hire(province), days('2025-04-07', 1, 360));
    const again = () => ({ ...good, participationId: newId(), enrolmentId: newId() });
    const [day] = days('2025-04-08', 1, 360);
    const bad = {
      teacher: participation(newId(), days('2025-04-07', 1, 360)),
      unit: { ...again(), unitCode: '999999' },
      shape: { ...again(), sessions: [{ ...day, modality: 'BY_POST' }] } as never,
    };
    const before = await count('cause');
    for (const each of Object.values(bad)) {
      await expect(load({ participations: [good, each] })).rejects.toThrow();
    }
    expect(await count('cause')).toBe(before);
  });
});
