import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSystem, type System } from '@yanxiu/testkit/system';
import {
  attend,
  complete,
  recognise,
  recognised,
  toldButUndecided,
  transfer,
} from './story/delivery.js';
import { evaluate, suspend } from './story/evaluation.js';
import { settledLedgers, type Ledgers } from './story/ledgers.js';
import { filePlan, findPlaces, importRosters } from './story/preparation.js';
import { approveScheme, enrol, fundProject, overspend } from './story/project.js';
import { refuseCountyVocational, refuseWhatDoesNotFit } from './story/refusals.js';
import { canonical, wholeProject, type WholeProject } from './story/whole-project.js';
import { World } from './story/world.js';

const TODAY = '2025-11-20';
const SERVICES = ['personnel', 'training', 'hours', 'funding', 'evaluation'];

const start = async (transport: System['transport']): Promise<World> => {
  const system = await startSystem({ transport, size: 'bare', today: TODAY });
  await system.setClock(`${TODAY}T10:00:00+08:00`);
  return new World(system);
};

/** One project from annual plan to evaluation, and the same once more with all services killed. */
export function story(transport: System['transport']): void {
  let undisturbed: WholeProject;
  let recorded: Ledgers;

  describe(`the story on ${transport}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await start(transport);
      await findPlaces(world);
    });
    afterAll(() => world?.system.stop());

    it('1 a county officer imports a roster: two bad rows are reported, the rest are in', () =>
      importRosters(world));
    it('[R119] 2 a city files its annual plan, the province accepts the filing', () =>
      filePlan(world));
    it('[R104] 3 a project is submitted, reserved, approved, filed and committed', () =>
      fundProject(world));
    it('[R122] 3 a project beyond the budget comes back to DRAFT with the reason', () =>
      overspend(world));
    it('[R84, R106] 4 a scheme without ethics first is refused; corrected, it is approved', () =>
      approveScheme(world));
    it('[R107, R108] 5 survey, quota, nomination and enrolment keep their rules', () =>
      enrol(world));
    it('[R109] 6 sessions are held and attendance is recorded once they are over', () =>
      attend(world));
    it('[R33, R110] 7 hours decides each participation once and the project is recognised', async () => {
      await complete(world);
      await recognise(world);
    });
    it('refuses a county vocational project with its tier rule', () =>
      refuseCountyVocational(world));
    it('refuses what is out of order, out of jurisdiction, expired or unknown; nothing is written', () =>
      refuseWhatDoesNotFit(world));
    it('8 a teacher transfers: hours follow, last month of the old county is unchanged', () =>
      transfer(world));
    it('[R111, R113] 9 three channels give a composite', () => evaluate(world));
    it('[R102, R117] 9 the poorly rated institution is suspended, its next project refused', () =>
      suspend(world));
    it('10 one query returns what five subgraphs know of the project', async () => {
      undisturbed = await wholeProject(world);
      recorded = await settledLedgers(world);
      expect(recorded.hours).toHaveLength(2);
      expect(undisturbed.enrolments.nodes).toHaveLength(13);
      expect(undisturbed).toMatchObject({
        status: 'EVALUATED',
        organiser: { code: '140400', name: expect.stringContaining('长治') },
        funds: { state: 'COMMITTED' },
        evaluation: { outcome: 'COMPOSITE' },
        creditedHours: '672.00',
      });
      for (const { teacher } of undisturbed.enrolments.nodes) {
        expect(teacher).toMatchObject({ name: expect.any(String), hours: expect.any(Object) });
      }
    });
  });

  describe(`the story on ${transport}, every service killed in the middle of step 7`, () => {
    let world: World;
    beforeAll(async () => {
      world = await start(transport);
      await findPlaces(world);
    });
    afterAll(() => world?.system.stop());

    it('11 ends as the undisturbed run', async () => {
      await importRosters(world);
      await filePlan(world);
      await fundProject(world);
      await approveScheme(world);
      await enrol(world);
      await attend(world);
      // Hours stands still, so that all end after every participation is told and before a credit.
      await world.system.kill('hours', 'SIGSTOP');
      await complete(world);
      await toldButUndecided(world);
      await Promise.all(SERVICES.map((service) => world.system.kill(service, 'SIGKILL')));
      await world.system.ready();
      await recognised(world);
      await recognise(world);
      await transfer(world);
      await evaluate(world);
      await suspend(world);
      expect(canonical(await wholeProject(world))).toEqual(canonical(undisturbed));
      expect(await settledLedgers(world)).toEqual(recorded);
    });
  });
}
