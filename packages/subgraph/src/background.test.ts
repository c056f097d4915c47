import { expect, it } from '@jest/globals';
import { until } from '@yanxiu/testkit/waiting';
import { inBackground, together } from './background.js';
import { createLog } from './log.js';

const log = createLog('background', 'silent');
const HOUR = 3_600_000;

it('goes on at once while there is more to do, and then waits', async () => {
  let turns = 0;
  const work = () => Promise.resolve((turns += 1) < 3);
  const background = inBackground({ log }, { what: 'test', everyMs: HOUR, work });
  await until(() => turns === 3);
  // It would have gone on by now: a stop that is waited for is a turn of the loop.
  await background.stop();
  expect(turns).toBe(3);
});

it('tries again what has failed, also before the answer was a promise', async () => {
  let turns = 0;
  const work = () => {
    turns += 1;
    if (turns === 1) throw new Error('at once');
    return turns === 2 ? Promise.reject(new Error('later')) : Promise.resolve(false);
  };
  const background = inBackground({ log }, { what: 'test', everyMs: 1, work });
  await until(() => turns >= 3);
  await background.stop();
});

it('has ended its turn when it has stopped, and so have several as one', async () => {
  const ended: string[] = [];
  const turns = ['a', 'b'].map((name) => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const work = async () => {
      await held;
      ended.push(name);
      return true;
    };
    return { release, background: inBackground({ log }, { what: 'test', everyMs: HOUR, work }) };
  });
  const stopped = together(...turns.map(({ background }) => background)).stop();
  for (const { release } of turns) release();
  await stopped;
  expect(ended.sort()).toEqual(['a', 'b']);
});
