import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '@yanxiu/contracts/topic-access';
import { until } from '@yanxiu/testkit/waiting';
import { BOTH, type Case, type Trial } from '../case.js';
import type { Counts, Proxy, Weather } from '../proxy.js';
import { belongsTo, startSecondMember, stopMember } from '../second-member.js';

const seconds = (n: number): Promise<void> => delay(n * 1_000);

type Which = 'broker' | 'databases';

/** The wires to the servers; those of the log's database count as the broker's. */
function wires(trial: Trial, which: Which): Proxy[] {
  const { stage } = trial;
  if (which === 'broker') return [stage.eventsWire];
  return [...stage.wires].filter(([name]) => name !== 'events').map(([, wire]) => wire);
}

async function under(
  trial: Trial,
  which: Which,
  weather: Weather,
  counted: keyof Counts,
  forSeconds: number,
): Promise<void> {
  const all = wires(trial, which);
  const sum = (): number => all.reduce((total, wire) => total + wire.counts[counted], 0);
  const before = sum();
  for (const wire of all) wire.setWeather(weather);
  try {
    await trial.expectHit(() => sum() > before);
    await seconds(forSeconds);
    trial.notes.push(`${sum() - before} ${counted} on the wire to ${which}`);
  } finally {
    for (const wire of all) wire.setWeather({});
  }
}

/** Nothing passes; then the links are gone, as after a long partition. */
async function partition(trial: Trial, which: Which, forSeconds: number): Promise<void> {
  await under(trial, which, { blackHole: true }, 'held', forSeconds);
  for (const wire of wires(trial, which)) wire.setWeather({ cutOnce: true });
  for (const wire of wires(trial, which)) wire.setWeather({});
}

/**
 * One of two members of a group is cut off from everything for longer than its session lasts, in
 * the middle of its work; then all that it had sent arrives late.
 */
async function zombie(trial: Trial): Promise<void> {
  const { stage } = trial;
  const service: Service = trial.pick(['hours', 'training'] as const);
  const pid = await stage.system.pid(service);
  const database = stage.wires.get(service);
  if (pid === undefined || !database) throw new Error(`${service} is not running`);
  const second = await startSecondMember(stage, service);
  try {
    await seconds(5);
    const mine = [stage.eventsWire, database];
    const before = mine.map((wire) => wire.counts.held);
    const weather = {
      blackHole: true,
      among: (link: Parameters<typeof belongsTo>[0]) => belongsTo(link, pid),
    };
    for (const wire of mine) wire.setWeather(weather);
    await trial.expectHit(() => mine.every((wire, n) => wire.counts.held > (before[n] ?? 0)));
    await seconds(25);
    for (const wire of mine) wire.setWeather({});
    trial.notes.push(`${service} was cut off beside a second member`);
    await seconds(5);
  } finally {
    for (const wire of [stage.eventsWire, database]) wire.setWeather({});
    await stopMember(second);
  }
}

/** A consumer's event loop stands still; from outside, its health endpoint does not answer. */
async function blockLoop(trial: Trial): Promise<void> {
  const { points, system } = trial.stage;
  const service = trial.pick(['training', 'hours', 'funding', 'evaluation'] as const);
  const url = (await system.running()).services[service]?.url ?? '';
  const before = (await points.hits()).length;
  await points.arm(service, 'inbox.before-transaction', { ms: 15_000 });
  const silent = (): Promise<boolean> =>
    fetch(`${url}/health/live`, { signal: AbortSignal.timeout(3_000) }).then(
      () => false,
      () => true,
    );
  await trial.expectHit(async () => (await points.hits()).length > before && (await silent()));
  await points.disarm(service, 'inbox.before-transaction');
  await until(async () => !(await silent()), {
    timeoutMs: 30_000,
    message: `${service} to answer`,
  });
}

/** TCP between services and broker, services and databases; and a process that stands still. */
export const wireCases: readonly Case[] = [
  {
    id: 'F19',
    fault: '500 ms latency to broker and databases, then connections reset',
    transports: BOTH,
    seeds: 1,
    run: async (trial) => {
      await under(trial, 'broker', { latencyMs: 250 }, 'delayed', 10);
      await under(trial, 'databases', { latencyMs: 250 }, 'delayed', 10);
      await under(trial, 'broker', { reset: true }, 'cut', 5);
      await under(trial, 'databases', { reset: true }, 'cut', 5);
    },
  },
  {
    id: 'F20',
    fault: 'black hole to the broker, then to the databases',
    transports: BOTH,
    seeds: 3,
    run: async (trial) => {
      await partition(trial, 'broker', 20);
      await seconds(5);
      await partition(trial, 'databases', 15);
    },
  },
  {
    id: 'F20b',
    fault: 'partition longer than the session, and the late write of the zombie',
    transports: BOTH,
    seeds: 3,
    run: zombie,
  },
  {
    id: 'F24',
    fault: 'event loop of a consumer blocked for 15 s',
    transports: BOTH,
    seeds: 1,
    run: blockLoop,
  },
];
