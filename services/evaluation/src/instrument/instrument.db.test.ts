import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Actor } from '@yanxiu/subgraph/actor';
import { channelsOf } from '../channels.js';
import { closeProjectEvaluation } from '../project/commands.js';
import { projectEvaluation } from '../project/queries.js';
import { CITY, PROVINCE, World, officer } from '../testing/world.js';
import { publishInstrument } from './commands.js';
import { instruments } from './queries.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.destroy());

const item = (key: string, dimension: string, weight = 1) => ({
  ...{ key, dimension, weight, zh: key, en: key },
});
const QUESTIONNAIRE = [
  item('needs', 'relevance'),
  item('use', 'effect'),
  item('overall', 'satisfaction'),
];
const publish = (items: ReturnType<typeof item>[], actor: Actor = officer(PROVINCE)) =>
  publishInstrument(world.as(actor), { kind: 'ANONYMOUS', title: '问卷', items });

const anonymous = () => instruments(world.as(null), 'ANONYMOUS');

describe('an instrument', () => {
  it('[R116] asks for relevance and effect, and the result shows both', async () => {
    const rule = { extensions: { code: 'REFUSED', rule: 'EVAL-RELIABLE' } };
    for (const missing of ['relevance', 'effect', 'satisfaction']) {
      const items = QUESTIONNAIRE.filter(({ dimension }) => dimension !== missing);
      await expect(publish(items)).rejects.toMatchObject(rule);
    }
    expect(await anonymous()).toHaveLength(1);
    const { projectId, teachers } = await world.open(8);
    await publish(QUESTIONNAIRE);
    // Opened with version 1, it keeps its ten items.
    await world.respond(projectId, teachers);
    await world.assess(projectId, 80);
    await world.inspect(projectId, 80);
    await closeProjectEvaluation(world.as(officer(CITY)), { projectId });
    const context = world.as(officer(CITY));
    const channels = await channelsOf(context, await projectEvaluation(context, projectId));
    const dimensions = channels?.anonymous.dimensions.map(({ dimension }) => dimension);
    expect(dimensions).toEqual(expect.arrayContaining(['relevance', 'effect', 'satisfaction']));
    const later = await world.open(1);
    await expect(world.respond(later.projectId, later.teachers)).rejects.toMatchObject(rule);
  });

  it('is published by a provincial officer, in versions without a gap, and never edited', async () => {
    const forbidden = { extensions: { code: 'FORBIDDEN' } };
    await expect(publish(QUESTIONNAIRE, officer(CITY))).rejects.toMatchObject(forbidden);
    const analyst = { ...officer(PROVINCE), role: 'ANALYST' as const };
    await expect(publish(QUESTIONNAIRE, analyst)).rejects.toMatchObject(forbidden);
    await Promise.all([publish(QUESTIONNAIRE), publish(QUESTIONNAIRE)]);
    const versions = (await anonymous()).map(({ version }) => version);
    expect(versions).toEqual(versions.map((_version, index) => versions.length - index));
    await expect(world.db.query('UPDATE instrument SET title = title')).rejects.toThrow();
  });

  it('refuses doubled keys, empty texts and weights where they make no sense', async () => {
    for (const items of [
      [...QUESTIONNAIRE, item('needs', 'content')],
      [...QUESTIONNAIRE, item('', 'content')],
      [...QUESTIONNAIRE, item('weighty', 'content', 2)],
      [...QUESTIONNAIRE, item('weightless', 'content', 0)],
    ]) {
      await expect(publish(items)).rejects.toMatchObject({
        extensions: { rule: 'EVAL-RELIABLE' },
      });
    }
  });
});
