import { expect } from '@jest/globals';
import pg from 'pg';
import { projectInput, refusedStep } from './project.js';
import type { Asker } from '@yanxiu/testkit/system';
import type { World } from './world.js';

const SERVICES = ['personnel', 'training', 'hours', 'funding', 'evaluation'] as const;

/** Events and audited commands of all services: what a refused request must leave as it is. */
export async function writtenRows(world: World): Promise<Record<string, number>> {
  const rows: Record<string, number> = {};
  for (const service of SERVICES) {
    const client = new pg.Client({ connectionString: await world.system.databaseUrl(service) });
    await client.connect();
    for (const table of ['outbox', 'audit', 'idempotency']) {
      const {
        rows: [found],
      } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`);
      rows[`${service}.${table}`] = Number(found?.n);
    }
    await client.end();
  }
  return rows;
}

/** A transfer of a teacher of the first county to another unit. */
const transferTo = (world: World, toUnitCode: string, asker: Asker) =>
  world.refusedAct(
    'transferTeacher',
    'TransferTeacherInput',
    { teacherId: world.teacherId('a3'), toUnitCode, on: '2026-01-05' },
    'teacher { id }',
    asker,
  );

/** Out of order, out of jurisdiction, out of date, unknown: each refused with its code and rule. */
export async function refuseWhatDoesNotFit(world: World): Promise<void> {
  const { projectId, classId } = world.plot;
  const before = await writtenRows(world);
  const create = (change: object, asker = world.cityOfficer) =>
    world.refusedAct(
      'createTrainingProject',
      'CreateTrainingProjectInput',
      projectInput(world, change),
      'project { id }',
      asker,
    );
  expect(await refusedStep(world, 'startTrainingProject', projectId)).toEqual({
    code: 'REFUSED',
    rule: 'PROJECT-LIFECYCLE',
  });
  expect(
    await world.refusedAct(
      'confirmEnrolments',
      'ConfirmEnrolmentsInput',
      { classId },
      'enrolmentIds',
      world.institutionStaff,
    ),
  ).toEqual({ code: 'REFUSED', rule: 'PROJECT-LIFECYCLE' });
  const [countyA, countyB] = world.places.counties;
  expect(await create({ organiserCode: countyA }, world.countyOfficer(1))).toEqual({
    code: 'FORBIDDEN',
  });
  expect(await transferTo(world, countyB, world.countyOfficer(1))).toMatchObject({
    code: expect.stringMatching(/^(FORBIDDEN|NOT_FOUND)$/),
  });
  expect(await transferTo(world, '1404999999', world.cityOfficer)).toEqual({
    code: 'BAD_USER_INPUT',
  });
  const { city: org } = world.places;
  const expired = await world.system.token('city-officer', { org, ttlSeconds: -60 });
  expect(await create({}, expired)).toEqual({ code: 'UNAUTHENTICATED' });
  expect(await writtenRows(world)).toEqual(before);
}

/** A county may not run vocational training (§3.1.2): its project is refused by the tier rule. */
export async function refuseCountyVocational(world: World): Promise<void> {
  const officer = world.countyOfficer(0);
  const input = projectInput(world, {
    name: '县级职教培训',
    level: 'COUNTY',
    sector: 'VOCATIONAL',
    organiserCode: world.places.counties[0],
    budget: '100.00',
    target: { stages: ['SECONDARY_VOCATIONAL'] },
  });
  const { project } = await world.act<{ project: { id: string } }>(
    'createTrainingProject',
    'CreateTrainingProjectInput',
    input,
    'project { id }',
    officer,
  );
  const before = await writtenRows(world);
  expect(await refusedStep(world, 'submitTrainingProject', project.id, officer)).toEqual({
    code: 'REFUSED',
    rule: 'PROJECT-TIER',
  });
  expect(await writtenRows(world)).toEqual(before);
}
