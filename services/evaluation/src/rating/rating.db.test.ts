import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ProjectData } from '@yanxiu/contracts/training';
import {
  CITY,
  OTHER_CITY,
  PROVINCE,
  World,
  evaluator,
  officer,
  teacher,
} from '../testing/world.js';
import { closeProjectEvaluation } from '../project/commands.js';
import { institutionRatings, pooledByInstitution, ratingsByInstitution } from './queries.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.destroy());

/** Closes a project of the institutions with this score in each channel. */
async function closed(score: number, answer: number, given: Partial<ProjectData> = {}) {
  const { projectId, teachers } = await world.open(8, given);
  await world.assess(projectId, score);
  await world.inspect(projectId, score, given.organiserCode ?? CITY);
  await world.respond(projectId, teachers, answer);
  await closeProjectEvaluation(world.as(officer(PROVINCE)), { projectId });
  return projectId;
}

const ratings = async (institutionId: string, actor = officer(OTHER_CITY)) =>
  (await ratingsByInstitution(world.as(actor), [institutionId]))[0] ?? [];

const newInstitution = async () => {
  const institution = { id: randomUUID(), code: `INST${randomUUID().slice(0, 8)}` };
  await world.register(institution);
  return institution;
};

describe('the rating of an institution', () => {
  it('[R117] EVAL-USED follows each closed project, is told to training, and is kept', async () => {
    const { id } = await newInstitution();
    const first = await closed(100, 5, { delivererIds: [id] });
    await closed(50, 3, { delivererIds: [id], organiserCode: OTHER_CITY });
    await closed(20, 1, { delivererIds: [id] });
    const kept = await ratings(id);
    // (100 + 50 + 13.33) / 3 = 54.44
    expect(kept.map(({ grade, score, projects }) => ({ grade, score, projects }))).toEqual([
      { grade: 'D', score: 5444, projects: 3 },
      { grade: 'B', score: 7500, projects: 2 },
      { grade: 'A', score: 10000, projects: 1 },
    ]);
    // The three channels rank its three projects alike.
    expect(kept[0]).toMatchObject({ agreement: 100, useAs: 'EVIDENCE' });
    expect(kept[2]).toMatchObject({ agreement: null, projectId: first });
    const told = await world.rows<{ data: Record<string, unknown> }>(
      `SELECT envelope -> 'data' AS data FROM outbox
       WHERE topic = 'evaluation.institution-rating' AND key = $1 ORDER BY version DESC`,
      [id],
    );
    expect(told.map(({ data }) => data['ratingId'])).toEqual(kept.map((rating) => rating.id));
    for (const change of [
      'UPDATE institution_rating SET score = 1',
      'DELETE FROM institution_rating',
    ]) {
      await expect(world.db.query(change)).rejects.toThrow();
    }
  });

  it('[R117] rates every deliverer, and none for an evaluation without composite', async () => {
    const [one, two] = [await newInstitution(), await newInstitution()];
    const { projectId } = await world.open(8, { delivererIds: [one.id, two.id] });
    const close = () => closeProjectEvaluation(world.as(officer(CITY)), { projectId });
    await expect(close()).rejects.toMatchObject({ extensions: { rule: 'EVAL-THREE' } });
    const before = world.clock.now;
    world.clock.now = new Date('2025-08-02T00:00:00.000Z');
    await close();
    world.clock.now = before;
    expect(await ratings(one.id)).toEqual([]);
    await closed(80, 4, { delivererIds: [one.id, two.id] });
    for (const { id } of [one, two]) {
      expect(await ratings(id)).toMatchObject([{ grade: 'B', score: 7833, projects: 1 }]);
    }
  });

  it('counts each of five projects that are closed at once', async () => {
    const { id } = await newInstitution();
    const projects: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const { projectId, teachers } = await world.open(8, { delivererIds: [id] });
      await world.assess(projectId, 80);
      await world.inspect(projectId, 80);
      await world.respond(projectId, teachers);
      projects.push(projectId);
    }
    const close = (projectId: string) =>
      closeProjectEvaluation(world.as(officer(CITY)), { projectId });
    await Promise.all(projects.map(close));
    expect((await ratings(id)).map(({ projects: count }) => count)).toEqual([5, 4, 3, 2, 1]);
  });

  it('is seen by departments and the institution itself, by no one else', async () => {
    const { id, code } = await newInstitution();
    await closed(80, 4, { delivererIds: [id] });
    const institution = (of: string) =>
      ({ ...officer(PROVINCE), role: 'INSTITUTION', institution: of }) as const;
    expect(await ratings(id, institution(code))).toHaveLength(1);
    for (const actor of [institution('INST001'), teacher(randomUUID()), evaluator('AGENCY1')]) {
      expect(await ratings(id, actor)).toEqual([]);
    }
    const page = await institutionRatings(world.as(officer(CITY)), { first: 200 });
    const ids = page.nodes.map(({ institutionId }) => institutionId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain(id);
    const scores = page.nodes.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });
});

describe('answers of projects with too few', () => {
  it('[R115] EVAL-THREE are shown pooled once there are eight, and never in steps under eight', async () => {
    const { id } = await newInstitution();
    const pooled = async () => (await pooledByInstitution(world.as(officer(CITY)), [id]))[0] ?? [];
    const insufficient = async (count: number, answer: number) => {
      const { projectId, teachers } = await world.open(count, { delivererIds: [id] });
      await world.respond(projectId, teachers, answer);
      const before = world.clock.now;
      world.clock.now = new Date('2025-08-02T00:00:00.000Z');
      await closeProjectEvaluation(world.as(officer(CITY)), { projectId });
      world.clock.now = before;
    };
    await insufficient(5, 5);
    expect(await pooled()).toEqual([]);
    await insufficient(3, 1);
    // (5·5 + 3·1) / 8 = 3.5 of 5
    expect(await pooled()).toMatchObject([{ projects: 2, responses: 8, score: 6250 }]);
    await insufficient(7, 1);
    expect(await pooled()).toHaveLength(1);
  });
});
