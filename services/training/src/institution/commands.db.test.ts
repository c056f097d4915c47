import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { institutionRated } from '@yanxiu/contracts/evaluation';
import { assertContract, parseEnvelope } from '@yanxiu/contracts/envelope';
import { institutionSnapshot } from '@yanxiu/contracts/training-state';
import { deliver } from '@yanxiu/testkit/events';
import { submitTrainingProject } from '../project/commands.js';
import {
  CITY,
  COUNTY_A,
  PROVINCE,
  officer,
  refusal,
  staff,
  type DeliveryFixture,
} from '../testing/delivery.js';
import { Planning } from '../testing/planning.js';
import {
  accreditInstitution,
  registerInstitution,
  reinstateInstitution,
  suspendInstitution,
} from './commands.js';
import { trainingInstitution, trainingInstitutions } from './queries.js';

let planning: Planning;
let fixture: DeliveryFixture;
beforeAll(async () => {
  planning = await Planning.start();
  fixture = planning.fixture;
});
afterAll(() => fixture.stop());

const FORBIDDEN = { code: 'FORBIDDEN', rule: undefined };
const submit = async (unit = CITY) => {
  const level = unit === CITY ? ('CITY' as const) : ('PROVINCIAL' as const);
  const projectId = await planning.draft({ organiserCode: unit, level });
  return refusal(submitTrainingProject(planning.as(unit), { projectId }));
};
const NOT_ACCREDITED = { code: 'REFUSED', rule: 'INST-ACCREDITED' };

async function rate(institutionId: string): Promise<string> {
  const ratingId = fixture.id();
  const outcome = await deliver(fixture.inbox, institutionRated, institutionId, {
    ratingId,
    institutionId,
    grade: 'D',
    score: 5_500,
    projects: 1,
    at: '2025-02-28T00:00:00Z',
  });
  expect(outcome).toBe('applied');
  return ratingId;
}

describe('institutions', () => {
  it('[R102] are registered and accredited by the province or a city', async () => {
    const entry = { code: 'INST-9', name: 'Base school', kind: 'BASE_SCHOOL' as const };
    expect(await refusal(registerInstitution(planning.as(COUNTY_A), entry))).toEqual(FORBIDDEN);
    const { institutionId } = await registerInstitution(planning.as(CITY), entry);
    const twice = registerInstitution(planning.as(PROVINCE), entry);
    expect((await refusal(twice))?.code).toBe('CONFLICT');
    const terms = {
      institutionId,
      sectors: ['BASIC'],
      categories: ['SUBJECT'],
      validFrom: '2025-01-01',
      validTo: '2025-12-31',
    };
    const accredit = (other: Partial<typeof terms>, unit = CITY) =>
      refusal(accreditInstitution(planning.as(unit), { ...terms, ...other }));
    expect(await accredit({}, COUNTY_A)).toEqual(FORBIDDEN);
    expect(await accredit({ sectors: ['OTHER'] })).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await accredit({ validTo: '2024-12-31' })).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await accredit({ institutionId: fixture.id() })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await fixture.count('accreditation')).toBe(0);
    expect(await accredit({})).toBeNull();
    const found = await trainingInstitutions(planning.as(COUNTY_A), { sector: 'BASIC' });
    expect(found.nodes.map(({ code }) => code)).toEqual(['INST-9']);
    const later = { sector: 'BASIC', on: '2026-01-01' };
    expect((await trainingInstitutions(planning.as(COUNTY_A), later)).nodes).toEqual([]);
  });

  it('[R102] deliver only while accredited', async () => {
    expect(await submit()).toEqual(NOT_ACCREDITED);
    await planning.accredit();
    expect(await submit()).toBeNull();
    const { now } = fixture.clock;
    fixture.clock.now = new Date('2026-01-01T04:00:00Z');
    expect(await submit()).toEqual(NOT_ACCREDITED);
    fixture.clock.now = now;
  });

  it('[R117] are suspended citing a published rating, and reinstated', async () => {
    const institutionId = await planning.institutionId();
    const reason = 'Poorly rated';
    const suspend = (citedRatingId: string | null, unit = CITY) =>
      refusal(suspendInstitution(planning.as(unit), { institutionId, reason, citedRatingId }));
    expect(await suspend(fixture.id())).toMatchObject({ code: 'BAD_USER_INPUT' });
    const foreign = await rate(await planning.institutionId('INST-2'));
    expect(await suspend(foreign)).toMatchObject({ code: 'BAD_USER_INPUT' });
    const ratingId = await rate(institutionId);
    expect(await suspend(ratingId, COUNTY_A)).toEqual(FORBIDDEN);
    expect(await fixture.count('institution_suspension')).toBe(0);
    expect(await suspend(ratingId)).toBeNull();
    expect(await suspend(ratingId)).toMatchObject({ code: 'CONFLICT' });
    expect(await submit()).toEqual(NOT_ACCREDITED);
    // A city binds its own subtree, not the province.
    expect(await submit(PROVINCE)).toBeNull();
    const reinstate = (unit: string) =>
      refusal(reinstateInstitution(planning.as(unit), { institutionId, reason: 'Mended' }));
    expect(await reinstate(PROVINCE)).toMatchObject({ code: 'CONFLICT' });
    expect(await reinstate(CITY)).toBeNull();
    expect(await submit()).toBeNull();
  });

  it('are told as they are now in one snapshot', async () => {
    const as = planning.as(CITY);
    const entry = { code: 'INST-7', name: 'Base school', kind: 'BASE_SCHOOL' as const };
    const { institutionId } = await registerInstitution(as, entry);
    const terms = { sectors: ['BASIC'], categories: ['SUBJECT'] };
    const validity = { validFrom: '2025-01-01', validTo: '2025-12-31' };
    await accreditInstitution(as, { institutionId, ...terms, ...validity });
    await suspendInstitution(as, { institutionId, reason: 'Poorly rated' });
    await reinstateInstitution(as, { institutionId, reason: 'Mended' });
    const rows: { envelope: unknown }[] = await fixture.db.query(
      'SELECT envelope FROM outbox WHERE topic = $1 AND key = $2 ORDER BY version DESC LIMIT 1',
      [institutionSnapshot.topic, institutionId],
    );
    const envelope = parseEnvelope(JSON.stringify(rows[0]?.envelope));
    assertContract(envelope);
    expect(envelope.aggregateversion).toBe(4);
    expect(envelope.data).toMatchObject({
      institutionId,
      ...entry,
      accreditations: [{ ...terms, ...validity, byUnitCode: CITY }],
      standings: [
        { standing: 'SUSPENDED', byUnitCode: CITY, reason: 'Poorly rated', citedRatingId: null },
        { standing: 'REINSTATED', byUnitCode: CITY, reason: 'Mended', citedRatingId: null },
      ],
    });
  });

  it('are seen by all but others’ staff, and not by the platform', async () => {
    const see = (actor: Parameters<DeliveryFixture['context']>[0], code: string) =>
      trainingInstitution(fixture.context(actor), { code });
    expect(await see(officer(COUNTY_A), 'INST-1')).not.toBeNull();
    expect(await see(staff('INST-1'), 'INST-1')).not.toBeNull();
    expect(await see(staff('INST-1'), 'INST-2')).toBeNull();
    const platform = { ...officer(PROVINCE), role: 'PLATFORM' as const };
    expect(await refusal(see(platform, 'INST-1'))).toEqual(FORBIDDEN);
  });

  it('that are not known here yet hold a rating back', async () => {
    const institutionId = fixture.id();
    const outcome = await deliver(fixture.inbox, institutionRated, institutionId, {
      ratingId: fixture.id(),
      institutionId,
      grade: 'A',
      score: 9_500,
      projects: 1,
      at: '2025-02-28T00:00:00Z',
    });
    expect(outcome).toBe('held');
  });
});
