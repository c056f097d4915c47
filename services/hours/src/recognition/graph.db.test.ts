import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { teacherTransferred } from '@yanxiu/contracts/personnel';
import {
  enrolmentConfirmed,
  enrolmentWithdrawn,
  institutionRegistered,
  projectStarted,
} from '@yanxiu/contracts/training';
import type { Actor } from '@yanxiu/subgraph/actor';
import { deliver } from '@yanxiu/testkit/events';
import { ask, entity, officer, platform, staff, teacher } from '../testing/graph.js';
import { complete, days, hire, newId, participation, session } from '../testing/province.js';
import { OTHER_SCHOOL, SCHOOL, startProvince, type Province } from '../testing/province.js';

let province: Province;
const projectId = newId();
beforeAll(async () => {
  province = await startProvince();
  await runProject();
});
afterAll(() => province.stop());

const at = '2025-03-01T00:00:00Z';

async function runProject(): Promise<void> {
  const delivererId = newId();
  for (const [institutionId, code] of [
    [delivererId, 'DELIVERER'],
    [newId(), 'ANOTHER'],
  ] as const) {
    await deliver(province.inbox, institutionRegistered, institutionId, {
      institutionId,
      code,
      name: code,
      kind: 'UNIVERSITY',
      at,
    });
  }
  await deliver(province.inbox, projectStarted, projectId, {
    projectId,
    name: '骨干教师培训',
    level: 'CITY',
    sector: 'BASIC',
    category: 'SUBJECT',
    year: 2025,
    organiserCode: '140400',
    delivererIds: [delivererId],
    budgetFen: 100,
    at,
  });
}

async function enrol(teacherId: string): Promise<string> {
  const enrolmentId = newId();
  await deliver(province.inbox, enrolmentConfirmed, enrolmentId, {
    enrolmentId,
    projectId,
    classId: newId(),
    teacherId,
    unitCode: SCHOOL,
    at,
  });
  return enrolmentId;
}

const DECISION = `decision { id status rule reason attendedMinutes creditedMinutes reversedBy { id }
  trace { step text policyKey policyVersion article minutesBefore minutesAfter }
  entries { id hours reverses { id hours } project { id } } } recognitionStatus`;

describe('Enrolment', () => {
  it('[R110] shows the decision with its trace to the teacher, the status to the deliverer', async () => {
    const teacherId = await hire(province);
    const enrolmentId = await enrol(teacherId);
    const none = { decision: null, recognitionStatus: null };
    expect(await entity(province, teacher(teacherId), 'Enrolment', enrolmentId, DECISION)).toEqual(
      none,
    );
    const missed = participation(teacherId, days('2025-03-03', 4, 90, 60), {
      enrolmentId,
      projectId,
    });
    // The enrolment's own topic and key: its second event.
    await complete(province, missed);
    const seenBy = (actor: Parameters<typeof ask>[1]) =>
      entity(province, actor, 'Enrolment', enrolmentId, DECISION);
    const mine = await seenBy(teacher(teacherId));
    expect(mine).toMatchObject({
      recognitionStatus: 'REFUSED',
      decision: { status: 'REFUSED', rule: 'HOURS-ABSENCE', creditedMinutes: 0, entries: [] },
    });
    expect(mine.decision.trace[1]).toEqual({
      step: 'ABSENCE',
      text: '120 of 360 minutes missed, more than the 20 % allowed.',
      policyKey: 'hours.maxAbsenceShare',
      policyVersion: 1,
      article: '三(一)1',
      minutesBefore: 240,
      minutesAfter: 0,
    });
    expect(await seenBy(officer('140403'))).toEqual(mine);
    expect(await seenBy(staff('DELIVERER'))).toEqual({ ...none, recognitionStatus: 'REFUSED' });
    for (const actor of [staff('ANOTHER'), platform, officer('140404'), null]) {
      expect(await seenBy(actor)).toEqual(none);
    }
  });
});

describe('TrainingProject', () => {
  it('counts hours and decisions, with those still to come', async () => {
    const [credited, waiting, gone] = [
      await hire(province),
      await hire(province),
      await hire(province),
    ];
    const enrolmentId = await enrol(credited);
    await enrol(waiting);
    const withdrawn = await enrol(gone);
    await deliver(province.inbox, enrolmentWithdrawn, withdrawn, {
      enrolmentId: withdrawn,
      projectId,
      classId: newId(),
      teacherId: gone,
      unitCode: SCHOOL,
      at,
      reason: '调离',
    });
    const sessions = days('2025-03-10', 5, 360);
    await complete(province, participation(credited, sessions, { enrolmentId, projectId }));
    const fields = 'creditedHours recognition { credited refused pending }';
    const seenBy = (actor: Parameters<typeof ask>[1]) =>
      entity(province, actor, 'TrainingProject', projectId, fields);
    expect(await seenBy(officer('140400'))).toMatchObject({
      creditedHours: '40.00',
      recognition: { credited: 1, pending: 1 },
    });
    expect((await seenBy(staff('DELIVERER'))).creditedHours).toBe('40.00');
    for (const actor of [staff('ANOTHER'), platform, null]) {
      expect(await seenBy(actor)).toEqual({ creditedHours: null, recognition: null });
    }
  });
});

describe('a reversal', () => {
  it('names the credit and is found by id, within the jurisdiction only', async () => {
    const teacherId = await hire(province);
    const low = participation(teacherId, [session('2025-05-05T09:00', 180)], { level: 'SCHOOL' });
    await complete(province, low);
    const before = await entity(
      province,
      teacher(teacherId),
      'Enrolment',
      low.enrolmentId,
      DECISION,
    );
    const high = [session('2025-05-05T09:00', 90)];
    await complete(province, participation(teacherId, high, { level: 'PROVINCIAL' }));
    const after = await entity(
      province,
      teacher(teacherId),
      'Enrolment',
      low.enrolmentId,
      DECISION,
    );
    const credit = before.decision.entries[0].id;
    expect(after.decision.entries).toMatchObject([
      { hours: '-4.00', reverses: { id: credit, hours: '4.00' } },
      { hours: '2.00', reverses: null },
    ]);
    const FIND = `query ($d: ID!, $e: ID!) {
      recognitionDecision(id: $d) { reversedBy { id } } hourEntry(id: $e) { hours } }`;
    const ids = { d: before.decision.id, e: credit };
    expect((await ask(province, officer('140403'), FIND, ids)).data).toEqual({
      recognitionDecision: { reversedBy: { id: after.decision.id } },
      hourEntry: { hours: '4.00' },
    });
    expect((await ask(province, officer('140404'), FIND, ids)).code).toBe('NOT_FOUND');
    expect((await ask(province, officer('140403'), FIND, { d: 'x', e: 'y' })).code).toBe(
      'NOT_FOUND',
    );
  });

  it('stays with the old county if recorded while the teacher was there; the new one sees all', async () => {
    const teacherId = await hire(province);
    const attend = async (date: string) => {
      await complete(province, participation(teacherId, [session(`${date}T09:00`, 90)]));
      const [row]: { entry: string; decision: string }[] = await province.db.query(
        `SELECT e.id AS entry, d.id AS decision FROM hour_entry e
         JOIN recognition_decision d ON d.teacher_id = e.teacher_id AND d.cause_id = e.cause_id
         WHERE e.teacher_id = $1 ORDER BY e.recorded_at DESC LIMIT 1`,
        [teacherId],
      );
      return { d: row?.decision, e: row?.entry };
    };
    province.clock.now = new Date('2025-06-01T02:00:00Z');
    const before = await attend('2025-05-12');
    province.clock.now = new Date('2025-07-01T02:00:00Z');
    await deliver(province.inbox, teacherTransferred, teacherId, {
      ...{ teacherId, fromUnitCode: SCHOOL, toUnitCode: OTHER_SCHOOL, sector: 'BASIC' as const },
      ...{ stage: 'PRIMARY' as const, on: '2025-07-01' },
    });
    province.clock.now = new Date('2025-08-01T02:00:00Z');
    const after = await attend('2025-07-14');
    const [old, fresh] = [officer('140403'), officer('140404')];
    const FIND = `query ($d: ID!, $e: ID!) { recognitionDecision(id: $d) { id }
      hourEntry(id: $e) { id } explain(entryId: $e) { text } }`;
    for (const [actor, ids, code] of [
      [old, before, undefined],
      [old, after, 'NOT_FOUND'],
      [fresh, before, undefined],
      [fresh, after, undefined],
      [{ ...old, role: 'FINANCE' as const }, before, 'FORBIDDEN'],
      [officer('140400901'), before, 'NOT_FOUND'],
    ] as const) {
      expect((await ask(province, actor, FIND, ids)).code).toBe(code);
    }
    const RECORD = `hourEntries { nodes { id } } hours(year: 2025) { total } claims { nodes { id } }`;
    const hers = (actor: Actor) => entity(province, actor, 'Teacher', teacherId, RECORD);
    const nodes = (...ids: unknown[]) => ({ nodes: ids.map((id) => ({ id })) });
    expect(await hers(old)).toEqual({ hourEntries: nodes(before.e), hours: null, claims: null });
    expect(await hers(fresh)).toMatchObject({
      hourEntries: nodes(before.e, after.e),
      hours: { total: '4.00' },
    });
  });
});
