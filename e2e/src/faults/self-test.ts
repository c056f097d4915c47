import { allCases } from './matrix.js';
import { Runner, type Limits } from './runner.js';
import type { TransportKind } from './stage.js';

/** A guard that is taken out of the processes, and the case that must then go red. */
const MUTANTS = [
  { mutant: 'inbox', without: 'the inbox', id: 'F21' },
  { mutant: 'published', without: 'the published flag set after the send', id: 'F2' },
  { mutant: 'order', without: 'the order of each key', id: 'F22' },
] as const;

/** What cannot come is not waited for long. */
const IMPATIENT: Limits = {
  backMs: 20_000,
  drainedMs: 15_000,
  patienceMs: 20_000,
  hitMs: 120_000,
};

/** Shows that the matrix goes red when a guard is off; whether it did each time. */
export async function selfTest(transport: TransportKind): Promise<boolean> {
  let red = 0;
  for (const { mutant, without, id } of MUTANTS) {
    const each = allCases().find((candidate) => candidate.id === id);
    if (!each) throw new Error(`there is no case ${id}`);
    const runner = await Runner.open({ transport, mutant }, IMPATIENT);
    try {
      const { verdict, injected, hit, lost, doubled, lines } = await runner.run(each, 1);
      const found = lines.filter((line) => /^(lost|doubled|wrong): I[1-9]\b/.test(line));
      const seen = verdict === 'FAILED' && injected > 0 && found.length > 0;
      red += seen ? 1 : 0;
      console.log(
        `${seen ? 'red, as it must be' : `NOT RED (${verdict})`}: ${id} ${transport} without ` +
          `${without}; hit ${hit}/${injected}, lost ${lost}, doubled ${doubled}`,
      );
      for (const line of lines.slice(0, seen ? 4 : 40)) console.log(`    ${line}`);
    } finally {
      await runner.close();
    }
  }
  console.log(`${red} of ${MUTANTS.length} mutants were seen`);
  return red === MUTANTS.length;
}
