import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { SYSTEM_SESSION } from '@yanxiu/subgraph/scoped-database';
import { registerOrgUnit } from '../org-unit/commands.js';
import {
  LUZHOU_PRIMARY,
  actor,
  changzhi,
  datong,
  eventsOf,
  refusalOf,
  luzhou,
  plantTree,
  province,
  publishVersion,
  second,
  startPersonnel,
  type Personnel,
} from '../testing/personnel.js';
import { draftPolicy, publishPolicy, withdrawPolicyDraft, type DraftPolicyInput } from './draft.js';

let personnel: Personnel;

const UNIVERSITY = '1400000801';
const dean = actor('COORDINATOR', UNIVERSITY, { subject: 'dean' });
const registry = actor('COORDINATOR', UNIVERSITY, { subject: 'registry' });
const other = (who: typeof province) => ({ ...who, subject: `second-${who.subject}` });

beforeAll(async () => {
  personnel = await startPersonnel();
  await plantTree(personnel);
  await registerOrgUnit(personnel.as(province), {
    ...{ code: UNIVERSITY, name: '某大学', tier: 'SCHOOL', sector: 'HIGHER', stage: 'HIGHER' },
    ...{ parentCode: '140000', validFrom: '2021-01-01' },
  });
});

afterAll(() => personnel.stop());

const annual = (value: unknown, more: Partial<DraftPolicyInput> = {}): DraftPolicyInput => ({
  key: 'hours.basic.annual',
  value,
  validFrom: '2026-01-01',
  instrument: '晋教师〔2023〕4号',
  article: '三（一）1',
  quotation: '每年不少于80学时',
  ...more,
});

const own = (unit: string, value: unknown, more: Partial<DraftPolicyInput> = {}) =>
  annual(value, { scopeCode: unit, ...more });

const draft = async (who: typeof province, input: DraftPolicyInput) =>
  (await draftPolicy(personnel.as(who), input)).draftId;

const publish = (who: typeof province | null, draftId: string) =>
  publishPolicy(personnel.as(who), { draftId });

/** Rule or code of a refusal that has left nothing behind. */
const refusal = (work: () => Promise<unknown>) => refusalOf(personnel.db, work);

const COMPARED = `query ($id: ID!) { policyDraft(id: $id) { status draftedBy endedBy reason
  policy { version }
  comparison { inForce { version value } holdsUntil rules keptBelow { version scope { code } }
    publishedSince { version } changes { what before after } } } }`;

const compared = async (id: string, who: typeof province | null = second) => {
  const { data, errors } = await personnel.ask(who, COMPARED, { id });
  return (data?.['policyDraft'] as unknown as Record<string, never>) ?? errors[0]?.code;
};

describe('a parameter is published by two persons', () => {
  it('[R1] holds from its publication, not from its draft', async () => {
    const id = await draft(province, annual(8_000));
    expect(await eventsOf(personnel.db, 'hours.basic.annual')).toHaveLength(1);
    expect(await refusal(() => publish(province, id))).toBe('POLICY-TWO-PERSONS');
    expect(await publish(second, id)).toEqual({ key: 'hours.basic.annual', version: 2 });
    expect((await eventsOf(personnel.db, 'hours.basic.annual')).at(-1)?.data).toMatchObject({
      version: 2,
      value: 8_000,
      validFrom: '2026-01-01',
      scopeCode: null,
      publishedAt: '2025-06-30T02:00:00.000Z',
    });
    expect(await compared(id)).toMatchObject({
      status: 'PUBLISHED',
      draftedBy: province.subject,
      endedBy: second.subject,
      policy: { version: 2 },
      comparison: { inForce: { version: 1 }, publishedSince: [] },
    });
    expect(await refusal(() => publish(second, id))).toBe('POLICY-ENDED');
    const trail: unknown[] = await personnel.db.query(
      `SELECT actor, action, subject_id FROM audit WHERE action IN ('policy.draft', 'policy.publish')
       ORDER BY id`,
    );
    expect(trail).toEqual([
      { actor: province.subject, action: 'policy.draft', subject_id: id },
      { actor: second.subject, action: 'policy.publish', subject_id: 'hours.basic.annual@2' },
    ]);
  });

  it('acts once for an idempotency key', async () => {
    const input = { ...annual(50, { key: 'training.scheme.practiceShareWarn' }) };
    const once = { ...input, idempotencyKey: 'draft-once' };
    const [first, again] = [await draft(province, once), await draft(province, once)];
    expect(again).toBe(first);
    const publishing = { draftId: first, idempotencyKey: 'publish-once' };
    const published = await publishPolicy(personnel.as(second), publishing);
    expect(await publishPolicy(personnel.as(second), publishing)).toEqual(published);
  });

  it('compares the draft with what is in force', async () => {
    const key = 'hours.cycle';
    const value = { years: 5, anchor: 2021, mode: 'CYCLE_AVERAGE', basic: 36_000, vocational: 1 };
    const id = await draft(province, annual(value, { key, validTo: '2030-12-31' }));
    expect(await compared(id)).toMatchObject({
      status: 'OPEN',
      comparison: {
        inForce: { version: 1 },
        rules: ['HOURS-CYCLE'],
        holdsUntil: '2030-12-31',
        keptBelow: [],
        changes: [
          { what: 'value.mode', before: 'STRICT_ANNUAL', after: 'CYCLE_AVERAGE' },
          { what: 'value.vocational', before: 45_000, after: 1 },
          { what: 'validFrom', before: '2021-01-01', after: '2026-01-01' },
          { what: 'validTo', before: null, after: '2030-12-31' },
          { what: 'article', before: 'A1、A2', after: '三（一）1' },
          expect.objectContaining({ what: 'quotation' }),
        ],
      },
    });
  });

  it('publishes nothing that was compared with less than is in force', async () => {
    const key = 'evaluation.useAs';
    const [late, soon] = [
      await draft(province, annual('GATE', { key })),
      await draft(province, annual('GATE', { key, validFrom: '2025-09-01' })),
    ];
    const inDatong = await draft(province, annual('GATE', { key, scopeCode: '140200' }));
    await publish(second, soon);
    expect(await refusal(() => publish(second, late))).toBe('POLICY-STALE');
    expect(await compared(late)).toMatchObject({
      comparison: { publishedSince: [{ version: 2 }] },
    });
    // What is published for one city takes nothing from another.
    const inChangzhi = await draft(province, annual('EVIDENCE', { key, scopeCode: '140400' }));
    expect(await refusal(() => publish(second, inDatong))).toBe('POLICY-STALE');
    const anew = await draft(province, annual('GATE', { key, scopeCode: '140200' }));
    await publish(second, anew);
    expect(await publish(second, inChangzhi)).toEqual({ key, version: 4 });
  });

  it('publishes a draft once when two publish it at the same time', async () => {
    const id = await draft(province, annual(65, { key: 'evaluation.alphaWarn' }));
    const third = actor('OFFICER', '140000', { subject: 'third-officer' });
    const results = await Promise.allSettled([publish(second, id), publish(third, id)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await eventsOf(personnel.db, 'evaluation.alphaWarn')).toHaveLength(2);
  });

  it('publishes one of two drafts that were compared with the same, at the same time', async () => {
    const key = 'evaluation.deadlineDays';
    const ids = [
      await draft(province, annual(61, { key })),
      await draft(province, annual(62, { key })),
    ];
    const results = await Promise.allSettled(ids.map((id) => publish(second, id)));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await eventsOf(personnel.db, key)).toHaveLength(2);
  });

  it('withdraws a draft with a reason', async () => {
    const id = await draft(province, annual(10_000));
    const withdraw = (reason: string) =>
      withdrawPolicyDraft(personnel.as(second), { draftId: id, reason });
    expect(await refusal(() => withdraw(' '))).toBe('BAD_USER_INPUT');
    await withdraw('征求意见后不再调整');
    expect(await compared(id)).toMatchObject({ status: 'WITHDRAWN', reason: '征求意见后不再调整' });
    expect(await refusal(() => publish(second, id))).toBe('POLICY-ENDED');
    const open = await personnel.ask(second, '{ policyDrafts(status: OPEN) { nodes { id } } }');
    expect(JSON.stringify(open.data)).not.toContain(id);
  });
});

describe('who sets a parameter, and where', () => {
  it.each([
    ['a city for the province', changzhi, annual(8_000)],
    ['a city for another', changzhi, own('140200', 9_000)],
    ['a city for a county of its own', changzhi, own('140403', 9_000)],
    [
      'a county what is left to cities',
      luzhou,
      own('140403', 9_500, { key: 'hours.vocational.annual' }),
    ],
    ['a county the cap of a day', luzhou, own('140403', 600, { key: 'hours.dayCap' })],
    ['a school', actor('COORDINATOR', LUZHOU_PRIMARY.code), own(LUZHOU_PRIMARY.code, 9_000)],
    [
      'an officer at a university',
      actor('OFFICER', UNIVERSITY),
      own(UNIVERSITY, 4_000, { key: 'hours.higher.annual' }),
    ],
  ])('[R20] refuses %s', async (_, who, input) => {
    expect(await refusal(() => draft(who, input))).toBe('POLICY-SCOPE');
  });

  it.each([
    ['an analyst', actor('ANALYST', '140000'), 'FORBIDDEN'],
    ['no one', null, 'UNAUTHENTICATED'],
  ])('refuses %s', async (_, who, code) => {
    expect(await refusal(() => draftPolicy(personnel.as(who), annual(8_000)))).toBe(code);
  });

  it('lets a city ask for more for itself, by two of its own officers, never for less', async () => {
    expect(await refusal(() => draft(changzhi, own('140400', 7_999)))).toBe('POLICY-STRICTER');
    // Before 2026 the province asks 72 hours, from then on 80: its own holds in both.
    const both = own('140400', 7_900, { validFrom: '2025-07-01' });
    expect(await refusal(() => draft(changzhi, both))).toBe('POLICY-STRICTER');
    const until = own('140400', 7_900, { validFrom: '2025-07-01', validTo: '2025-12-31' });
    await draft(changzhi, until);
    const id = await draft(changzhi, own('140400', 9_000));
    expect(await refusal(() => publish(datong, id))).toBe('NOT_FOUND');
    expect(await refusal(() => publish(luzhou, id))).toBe('NOT_FOUND');
    expect(await refusal(() => publish(changzhi, id))).toBe('POLICY-TWO-PERSONS');
    await publish(other(changzhi), id);
    // Below what holds above a county is, from then on, what its city asks.
    expect(await refusal(() => draft(luzhou, own('140403', 8_900)))).toBe('POLICY-STRICTER');
    const below = await draft(luzhou, own('140403', 9_100));
    await publish(other(luzhou), below);
    const next = await draft(province, annual(7_600, { validFrom: '2027-01-01' }));
    expect(await compared(next)).toMatchObject({
      comparison: {
        keptBelow: [{ scope: { code: '140400' } }, { scope: { code: '140403' } }],
      },
    });
  });

  it('[R74] lets a university set its own minimum, and take it back', async () => {
    const key = 'hours.higher.annual';
    const published = await publishVersion(personnel, own(UNIVERSITY, 4_000, { key }), [
      dean,
      registry,
    ]);
    expect(published).toEqual({ key, version: 2 });
    const back = own(UNIVERSITY, null, { key, validFrom: '2027-01-01' });
    expect(await publishVersion(personnel, back, [registry, dean])).toEqual({ key, version: 3 });
  });

  it('shows drafts to those alone whose jurisdiction they are for', async () => {
    const id = await draft(changzhi, own('140400', 9_900, { validFrom: '2028-01-01' }));
    expect(await compared(id, changzhi)).toMatchObject({ status: 'OPEN' });
    expect(await compared(id, actor('AUDITOR', '140000'))).toMatchObject({ status: 'OPEN' });
    for (const who of [datong, luzhou, dean]) expect(await compared(id, who)).toBe('NOT_FOUND');
    expect(await compared(id, null)).toBe('UNAUTHENTICATED');
    expect(await compared(id, actor('TEACHER', LUZHOU_PRIMARY.code))).toBe('FORBIDDEN');
    const seen = await personnel.ask(luzhou, '{ policyDrafts { nodes { scope { code } } } }');
    expect(seen.data?.['policyDrafts']).toEqual({ nodes: [{ scope: { code: '140403' } }] });
  });

  it.each([
    ['an unknown key', { key: 'hours.unknown' }, 'POLICY-KEY'],
    ['a value of another shape', { value: '8 hours' }, 'POLICY-VALUE'],
    ['an end before its beginning', { validTo: '2025-12-31' }, 'POLICY-DATES'],
    ['words that are none', { quotation: ' ' }, 'POLICY-CITED'],
    ['a scope that does not exist', { scopeCode: '149900' }, 'BAD_USER_INPUT'],
    ['a document that is not registered', { instrument: '某文件' }, 'BAD_USER_INPUT'],
  ])('refuses %s', async (_, more, rule) => {
    expect(await refusal(() => draft(province, annual(8_000, more)))).toBe(rule);
  });
});

describe('the database', () => {
  const asOwner = async (work: (owner: pg.Client) => Promise<void>) => {
    const connectionString = personnel.ownerUrl;
    const owner = new pg.Client({ connectionString, options: SYSTEM_SESSION });
    await owner.connect();
    await work(owner).finally(() => owner.end());
  };

  it.each(['policy_draft', 'policy_draft_end'])('never edits %s, whoever asks', (table) =>
    asOwner(async (owner) => {
      for (const statement of [
        `UPDATE ${table} SET unit_code = '140000'`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table} CASCADE`,
      ]) {
        await expect(owner.query(statement)).rejects.toThrow(/append-only/);
        await expect(personnel.db.query(statement)).rejects.toThrow(/permission denied/);
      }
    }),
  );

  it('refuses a publication by whoever drafted it, and a false author', async () => {
    const id = await draft(province, annual(8_888));
    const end = (draftedBy: string, endedBy: string) =>
      personnel.db.query(
        `INSERT INTO policy_draft_end (draft_id, drafted_by, outcome, ended_by, unit_code, ended_at,
           key, version) VALUES ($1, $2, 'PUBLISHED', $3, '140000', now(), 'hours.dayCap', 1)`,
        [id, draftedBy, endedBy],
      );
    const { subject } = province;
    await expect(end(subject, subject)).rejects.toThrow(/two_persons/);
    await expect(end('someone', subject)).rejects.toThrow(/foreign key/);
  });
});
