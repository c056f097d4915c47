import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { institutionRegistered, projectStarted } from '@yanxiu/contracts/training';
import { deliver } from '@yanxiu/testkit/events';
import { act, checkedClaim, claimOf, coordinator, registrar, sha256 } from '../testing/claims.js';
import { ask, officer, staff, teacher } from '../testing/graph.js';
import {
  complete,
  hire,
  newId,
  OTHER_SCHOOL,
  participation,
  publishPolicy,
} from '../testing/province.js';
import { SCHOOL, session, startProvince, type Province } from '../testing/province.js';

let province: Province;
let teacherId: string;
const projectId = newId();
beforeAll(async () => {
  province = await startProvince();
  const institutionId = newId();
  const at = '2025-03-01T00:00:00Z';
  await deliver(province.inbox, institutionRegistered, institutionId, {
    ...{ institutionId, code: 'DELIVERER', name: '承办', kind: 'UNIVERSITY', at },
  });
  await deliver(province.inbox, projectStarted, projectId, {
    ...{ projectId, name: '骨干教师培训', level: 'CITY', sector: 'BASIC', category: 'SUBJECT' },
    ...{ year: 2025, organiserCode: '140400', delivererIds: [institutionId], budgetFen: 1, at },
  });
});
afterAll(() => province.stop());
beforeEach(async () => {
  province.clock.now = new Date('2025-06-30T04:00:00Z');
  teacherId = await hire(province);
});

const submit = (changes: Record<string, unknown> = {}, actor = teacher(teacherId)) =>
  act(province, actor, 'submitClaim', { claim: claimOf(teacherId, changes) });

const decide = (claimId: string, accepted: boolean, actor = registrar()) =>
  act(province, actor, 'decideClaim', { claimId, accepted, ...(!accepted && { reason: '无关' }) });

const told = async (claimId: string) =>
  (
    await province.db.query<{ type: string; data: Record<string, unknown> }[]>(
      `SELECT envelope->>'type' AS type, envelope->'data' AS data FROM outbox
       WHERE topic = 'hours.claim' AND key = $1 ORDER BY version`,
      [claimId],
    )
  ).map(({ type, data }) => ({ type: type.split('.').slice(3, 5).join('.'), ...data }));

const rowsOf = async (id: string) => {
  const [row] = await province.db.query<{ claims: number; entries: number }[]>(
    `SELECT (SELECT count(*)::int FROM claim WHERE teacher_id = $1) AS claims,
            (SELECT count(*)::int FROM hour_entry WHERE teacher_id = $1) AS entries`,
    [id],
  );
  return row;
};

const on = (date: string, more = {}) => ({
  sessions: [{ date, startTime: '19:00', minutes: 90, ...more }],
});

describe('a claim', () => {
  it('[R11] [R97] goes from self-study through school and registrar to hours, or is refused', async () => {
    const claim = await submit();
    expect(claim).toMatchObject({
      status: 'SUBMITTED',
      dueAt: '2025-07-14T04:00:00.000Z',
      unit: { code: SCHOOL },
      registrar: { code: '140400' },
      decision: null,
    });
    await act(province, coordinator(), 'checkClaim', { claimId: claim.id, confirmed: true });
    expect(await decide(claim.id, true)).toMatchObject({
      status: 'ACCEPTED',
      dueAt: null,
      decision: {
        status: 'ACCEPTED',
        entries: [{ hours: '2.00', source: 'SELF_STUDY', level: null, project: null }],
      },
    });
    expect(await told(claim.id)).toMatchObject([
      { type: 'claim.submitted', source: 'SELF_STUDY' },
      { type: 'claim.decided', outcome: 'CREDITED', rule: null, entries: [{ centihours: 200 }] },
    ]);
    const other = await checkedClaim(province, teacherId, on('2025-05-07'));
    expect(await decide(other, false)).toMatchObject({ status: 'REFUSED', decision: null });
    expect((await told(other))[1]).toMatchObject({ outcome: 'REFUSED', rule: 'CLAIM-REGISTRAR' });
    expect(await rowsOf(teacherId)).toEqual({ claims: 2, entries: 1 });
  });

  it('[R96] brings hours of the Smart Education Platform up to the cap of a campaign', async () => {
    const cap = { source: 'SMART_EDUCATION', category: '2025暑期', period: 'YEAR', max: 300 };
    await publishPolicy(province, 'hours.sourceCaps', [cap], { version: 2 });
    const campaign = { source: 'SMART_EDUCATION', category: '2025暑期', modality: 'ONLINE' };
    const hours: unknown[] = [];
    for (const date of ['2025-05-08', '2025-05-09', '2025-05-10']) {
      const id = await checkedClaim(province, teacherId, { ...campaign, ...on(date) });
      const { decision } = await decide(id, true);
      hours.push([
        decision.rule,
        ...decision.entries.map((entry: { hours: string }) => entry.hours),
      ]);
    }
    expect(hours).toEqual([[null, '2.00'], [null, '1.00'], ['HOURS-CAP']]);
    await publishPolicy(province, 'hours.sourceCaps', [], { version: 3 });
  });

  it('[R76] counts degree study that serves the duty, and none that does not say how', async () => {
    const degree = { source: 'DEGREE', title: '教育硕士', relevance: null };
    expect(await submit(degree)).toMatchObject({ code: 'REFUSED', rule: 'CLAIM-RELEVANCE' });
    const id = await checkedClaim(province, teacherId, { ...degree, relevance: '语文教学论' });
    expect(await decide(id, true)).toMatchObject({ decision: { status: 'ACCEPTED' } });
  });

  it('[R77] counts training abroad that was approved, and none that was not', async () => {
    const abroad = { source: 'OVERSEAS', modality: 'FACE_TO_FACE', approval: null };
    expect(await submit(abroad)).toMatchObject({ code: 'REFUSED', rule: 'CLAIM-APPROVAL' });
    const id = await checkedClaim(province, teacherId, {
      ...abroad,
      approval: '晋外培〔2025〕3号',
    });
    expect(await decide(id, true)).toMatchObject({ decision: { status: 'ACCEPTED' } });
  });

  it('[R49] is checked by the school first, and given back with a reason', async () => {
    const { id } = await submit();
    const check = (actor = coordinator(), more = {}) =>
      act(province, actor, 'checkClaim', { claimId: id, confirmed: false, ...more });
    expect(await check(coordinator(OTHER_SCHOOL), { reason: '无' })).toMatchObject({
      rule: 'CLAIM-SCHOOL',
    });
    expect(await check()).toMatchObject({ rule: 'CLAIM-REASON' });
    expect(await decide(id, true)).toMatchObject({ rule: 'CLAIM-STEP' });
    expect(await check(coordinator(), { reason: '材料不清' })).toMatchObject({
      status: 'RETURNED',
      steps: [{ status: 'SUBMITTED' }, { status: 'RETURNED', reason: '材料不清' }],
    });
    expect(await check(coordinator(), { confirmed: true })).toMatchObject({ rule: 'CLAIM-STEP' });
  });

  it.each([
    ['[R35] of basic education by the city', 'BASIC', SCHOOL, registrar(), registrar('140403')],
    [
      '[R60] of vocational education by the city',
      'VOCATIONAL',
      '140400901',
      registrar(),
      registrar('140000'),
    ],
    [
      '[R74] of a university by itself',
      'HIGHER',
      '140000801',
      coordinator('140000801', 'registry-office'),
      registrar('140000'),
    ],
  ])('is registered %s, and refused to others', async (_, sector, unitCode, own, other) => {
    const id = await hire(province, { sector: sector as 'BASIC', unitCode });
    const claim = await submit({ teacherId: id }, { ...teacher(id), unit: unitCode });
    const checker = coordinator(unitCode, 'checker');
    await act(province, checker, 'checkClaim', { claimId: claim.id, confirmed: true });
    expect(await decide(claim.id, true, other)).toMatchObject({ rule: 'CLAIM-REGISTRAR' });
    expect(await rowsOf(id)).toEqual({ claims: 1, entries: 0 });
    expect(await decide(claim.id, true, own)).toMatchObject({ status: 'ACCEPTED' });
    expect(await rowsOf(id)).toEqual({ claims: 1, entries: 1 });
    expect(await decide(claim.id, true, own)).toMatchObject({ rule: 'CLAIM-STEP' });
  });

  it('is decided by another person than the one who checked it', async () => {
    const unitCode = '140000801';
    const id = await hire(province, { sector: 'HIGHER', unitCode });
    const claim = await submit({ teacherId: id }, { ...teacher(id), unit: unitCode });
    const one = coordinator(unitCode, 'one');
    await act(province, one, 'checkClaim', { claimId: claim.id, confirmed: true });
    expect(await decide(claim.id, true, one)).toMatchObject({ rule: 'CLAIM-OFFICER' });
    expect(await decide(claim.id, true, coordinator(unitCode, 'two'))).toMatchObject({
      status: 'ACCEPTED',
    });
  });

  it('is found by its teacher and those above her, not by others', async () => {
    const { id } = await submit();
    const query = 'query ($id: ID!) { claim(id: $id) { id evidence { name } } }';
    for (const actor of [teacher(teacherId), coordinator(), officer('140403')]) {
      expect((await ask(province, actor, query, { id })).data.claim.id).toBe(id);
    }
    for (const actor of [
      teacher(newId()),
      coordinator(OTHER_SCHOOL),
      officer('140404'),
      staff('X'),
    ]) {
      expect((await ask(province, actor, query, { id })).code).toBe('NOT_FOUND');
    }
  });
});

describe('an appeal', () => {
  const appeal = (claimId: string, actor = teacher(teacherId)) =>
    act(province, actor, 'appealClaim', { claimId, reason: '材料齐全' });
  const decideAppeal = (claimId: string, accepted: boolean, actor: ReturnType<typeof registrar>) =>
    act(province, actor, 'decideClaimAppeal', { claimId, accepted, reason: '复核' });

  it('[R121] against a refusal is decided by a second officer, never by the first', async () => {
    const id = await checkedClaim(province, teacherId);
    expect(await appeal(id)).toMatchObject({ rule: 'CLAIM-STEP' });
    await decide(id, false);
    expect(await appeal(id, teacher(await hire(province)))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await appeal(id)).toMatchObject({ status: 'APPEALED' });
    expect(await decideAppeal(id, true, registrar())).toMatchObject({ rule: 'CLAIM-OFFICER' });
    expect(await decideAppeal(id, true, registrar('140403', 'second'))).toMatchObject({
      rule: 'CLAIM-REGISTRAR',
    });
    expect(await rowsOf(teacherId)).toEqual({ claims: 1, entries: 0 });
    expect(await decideAppeal(id, true, registrar('140400', 'second'))).toMatchObject({
      status: 'ACCEPTED',
      decision: { status: 'ACCEPTED' },
    });
    expect((await told(id)).map((event) => Reflect.get(event, 'outcome'))).toEqual([
      ...[undefined, 'REFUSED', 'CREDITED'],
    ]);
  });

  it('may go one tier up, and is over when dismissed or late', async () => {
    const id = await checkedClaim(province, teacherId);
    await decide(id, false);
    await appeal(id);
    const province1 = registrar('140000', 'provincial');
    expect(await decideAppeal(id, false, province1)).toMatchObject({ status: 'DISMISSED' });
    expect(await appeal(id)).toMatchObject({ rule: 'CLAIM-STEP' });
    const late = await checkedClaim(province, teacherId, on('2025-05-07'));
    await decide(late, false);
    province.clock.now = new Date('2025-07-30T04:00:01Z');
    expect(await appeal(late)).toMatchObject({ rule: 'CLAIM-APPEAL-LATE' });
  });
});

describe('bad input', () => {
  const evidence = { sha256: sha256('one'), name: 'a.pdf', size: 10 };
  it.each([
    ['before service', 'CLAIM-SERVICE', on('2024-08-31'), on('2024-09-01')],
    ['in the future', 'CLAIM-FUTURE', on('2025-06-30'), on('2025-06-29')],
    ['in a closed cycle', 'CLAIM-CYCLE', on('2020-12-31'), on('2021-01-01')],
    ['on no real day', 'CLAIM-DATE', on('2025-02-30'), on('2025-02-28')],
    ['at no real time', 'CLAIM-DATE', on('2025-05-06', { startTime: '24:00' }), on('2025-05-06')],
    [
      'of no minutes',
      'CLAIM-MINUTES',
      on('2025-05-06', { minutes: 0 }),
      on('2025-05-06', { minutes: 1 }),
    ],
    [
      'of 5,000 minutes',
      'CLAIM-MINUTES',
      on('2025-05-06', { minutes: 5_000 }),
      on('2025-05-06', { minutes: 240 }),
    ],
    ['without sessions', 'CLAIM-SESSIONS', { sessions: [] }, {}],
    ['of an unknown project', 'CLAIM-PROJECT', { projectId: newId() }, { projectId }],
    ['with no hash', 'CLAIM-EVIDENCE', { evidence: { ...evidence, sha256: 'x' } }, { evidence }],
    ['of an empty file', 'CLAIM-EVIDENCE', { evidence: { ...evidence, size: 0 } }, { evidence }],
    ['without a title', 'CLAIM-TEXT', { title: ' ' }, {}],
    ['with an ID number', 'CLAIM-NUMBER', { title: '140000 19900101 900X 研修' }, {}],
    [
      'with a phone number',
      'CLAIM-NUMBER',
      { evidence: { ...evidence, name: '１３９００００１１１１.pdf' } },
      { evidence },
    ],
  ])('%s is refused with %s and leaves nothing', async (_, rule, bad, good) => {
    const id = await hire(province, {
      hiredOn: rule === 'CLAIM-CYCLE' ? '2015-09-01' : '2024-09-01',
    });
    expect(await submit({ teacherId: id, ...bad }, teacher(id))).toEqual({ code: 'REFUSED', rule });
    expect(await rowsOf(id)).toEqual({ claims: 0, entries: 0 });
    expect(await submit({ teacherId: id, ...good }, teacher(id))).toMatchObject({
      status: 'SUBMITTED',
    });
  });

  it('is closed with its cycle after the days of grace', async () => {
    province.clock.now = new Date('2026-03-31T15:59:59Z');
    expect(await submit(on('2025-12-31'))).toMatchObject({ status: 'SUBMITTED' });
    province.clock.now = new Date('2026-03-31T16:00:00Z');
    expect(await submit(on('2025-12-30'))).toMatchObject({ rule: 'CLAIM-CYCLE' });
    expect(await submit(on('2026-01-01'))).toMatchObject({ status: 'SUBMITTED' });
  });

  it('of an unknown teacher, or of another one, is refused', async () => {
    for (const id of [newId(), 'nobody', await hire(province)]) {
      expect(await submit({ teacherId: id })).toMatchObject({ rule: 'CLAIM-TEACHER' });
    }
    const foreign = coordinator(OTHER_SCHOOL);
    expect(await submit({}, foreign)).toMatchObject({ rule: 'CLAIM-TEACHER' });
    expect(await submit({}, coordinator())).toMatchObject({ status: 'SUBMITTED' });
  });

  it('by a registrar of another city is refused', async () => {
    expect(await submit({}, registrar('140403'))).toMatchObject({ rule: 'CLAIM-REGISTRAR' });
    expect(await rowsOf(teacherId)).toEqual({ claims: 0, entries: 0 });
    const { id } = await submit({}, registrar());
    expect(id).toBeDefined();
  });

  it('by an institution is for a project that it delivers', async () => {
    const by = (code: string, changes: object) =>
      act(province, staff(code), 'submitClaim', { claim: claimOf(teacherId, { ...changes }) });
    expect(await by('ANOTHER', { projectId })).toMatchObject({ rule: 'CLAIM-PROJECT' });
    expect(await by('DELIVERER', { projectId: newId() })).toMatchObject({ rule: 'CLAIM-PROJECT' });
    expect(await by('DELIVERER', {})).toMatchObject({ rule: 'CLAIM-PROJECT' });
    expect(await by('DELIVERER', { projectId })).toMatchObject({ status: 'SUBMITTED' });
  });

  it('HOURS-ONCE: what the same evidence shows is claimed once, unless it was given back', async () => {
    const { id } = await submit({ evidence });
    expect(await submit({ evidence })).toMatchObject({ rule: 'HOURS-ONCE' });
    await act(province, coordinator(), 'checkClaim', {
      claimId: id,
      confirmed: false,
      reason: '不清',
    });
    const again = await submit({ evidence });
    await act(province, coordinator(), 'checkClaim', { claimId: again.id, confirmed: true });
    await decide(again.id, true);
    expect(await submit({ evidence })).toMatchObject({ rule: 'HOURS-ONCE' });
    expect(await rowsOf(teacherId)).toEqual({ claims: 2, entries: 1 });
  });
});

describe('claims that wait', () => {
  const WAITING = `query ($under: ID!, $step: ClaimStep!, $after: String) {
    claimsWaiting(under: $under, step: $step, first: 2, after: $after) {
      nodes { id overdue } pageInfo { hasNextPage endCursor } } }`;

  it('are listed by step within the jurisdiction, the most urgent first', async () => {
    const unitCode = '140400901';
    const id = await hire(province, { sector: 'VOCATIONAL', unitCode });
    const ids: string[] = [];
    for (const date of ['2025-05-06', '2025-05-07', '2025-05-08']) {
      ids.push(
        (await submit({ teacherId: id, ...on(date) }, { ...teacher(id), unit: unitCode })).id,
      );
      province.clock.now = new Date(province.clock.now.getTime() + 60_000);
    }
    province.clock.now = new Date('2025-07-14T04:00:30Z');
    const list = async (actor = registrar(), step = 'SCHOOL_CHECK', after: string | null = null) =>
      ask(province, actor, WAITING, { under: unitCode, step, after });
    const { nodes, pageInfo } = (await list()).data.claimsWaiting;
    expect(nodes).toEqual([
      { id: ids[0], overdue: true },
      { id: ids[1], overdue: false },
    ]);
    const rest = (await list(registrar(), 'SCHOOL_CHECK', pageInfo.endCursor)).data.claimsWaiting;
    expect(rest.nodes).toEqual([{ id: ids[2], overdue: false }]);
    const checker = coordinator(unitCode);
    await act(province, checker, 'checkClaim', { claimId: ids[1], confirmed: true });
    expect((await list(registrar(), 'REGISTRAR')).data.claimsWaiting.nodes).toMatchObject([
      { id: ids[1] },
    ]);
    expect((await list(officer('140403'))).code).toBe('NOT_FOUND');
    expect((await list(teacher(id))).code).toBe('FORBIDDEN');
  });
});

describe('a late participation', () => {
  it('outranks a claim, which is decided anew', async () => {
    const id = await checkedClaim(province, teacherId);
    await decide(id, true);
    await complete(
      province,
      participation(teacherId, [session('2025-05-06T19:30', 60)], { level: 'CITY' }),
    );
    expect((await told(id)).at(-1)).toMatchObject({
      outcome: 'CREDITED',
      entries: [{ centihours: 67 }],
    });
  });
});

describe('submitClaims', () => {
  const MANY = `mutation ($input: SubmitClaimsInput!) {
    submitClaims(input: $input) { results { status rule messageZh messageEn } } }`;
  const many = async (claims: object[], more = {}) =>
    (await ask(province, registrar(), MANY, { input: { claims, ...more } })).data.submitClaims
      .results;

  it('makes the good ones, tells of the bad ones, and changes nothing when repeated', async () => {
    const good = claimOf(teacherId);
    const list = [
      good,
      claimOf(teacherId, on('2020-01-01')),
      claimOf(newId()),
      { ...good, title: '别的' },
    ];
    const rules = [null, 'CLAIM-CYCLE', 'CLAIM-TEACHER', 'HOURS-ONCE'];
    expect(await many(list, { dryRun: true })).toMatchObject(rules.map((rule) => ({ rule })));
    expect(await rowsOf(teacherId)).toEqual({ claims: 0, entries: 0 });
    const results = await many(list);
    expect(results).toMatchObject(rules.map((rule) => ({ rule })));
    expect(results[1].messageEn).toMatch(/closed/);
    expect(results[1].messageZh).toMatch(/周期/);
    expect((await many(list))[0]).toMatchObject({ status: 'UNCHANGED', rule: null });
    expect(await rowsOf(teacherId)).toEqual({ claims: 1, entries: 0 });
  });
});
