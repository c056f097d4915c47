import { setTimeout as delay } from 'node:timers/promises';
import { BOTH, type Case, type Trial } from '../case.js';
import { untilHeard } from '../quiet.js';
import { Traffic } from '../traffic.js';

/** Faults that can come in any company: each puts right by itself what it did. */
const COMPANY = [
  ...['F1', 'F2', 'F3', 'F4', 'F5', 'F7', 'F8', 'F9', 'F10', 'F12', 'F13', 'F14', 'F16', 'F20'],
  ...['F23', 'F24'],
];

/** Two or three faults at once, again and again; the seed says which. */
async function storm(trial: Trial, cases: readonly Case[], minutes: number): Promise<void> {
  const { stage, load } = trial;
  const fit = cases.filter(
    ({ id, transports }) => COMPANY.includes(id) && transports.includes(stage.transport),
  );
  const traffic = await Traffic.watch(stage);
  const end = performance.now() + minutes * 60_000;
  for (let round = 1; performance.now() < end; round += 1) {
    const chosen = new Set<Case>();
    while (chosen.size < (trial.random.chance(0.5) ? 2 : 3)) chosen.add(trial.pick(fit));
    const begun = performance.now();
    // A fault that cannot be placed because of another one is no fault of the platform.
    await Promise.allSettled([...chosen].map((each) => each.run(trial)));
    await untilHeard(stage, await load.probe(), 120_000);
    const took = ((performance.now() - begun) / 1_000).toFixed(0);
    console.log(`    round ${round}: ${[...chosen].map(({ id }) => id).join(' + ')}, ${took} s`);
    if (load.failure) throw load.failure;
    await delay(2_000);
  }
  trial.notes.push(await traffic.end());
}

export const randomCase = (cases: readonly Case[], minutes: number): Case => ({
  id: 'F25',
  fault: `two or three of the above at once, for ${minutes} minutes`,
  transports: BOTH,
  seeds: 1,
  mayMiss: 0.15,
  run: (trial) => storm(trial, cases, minutes),
});
