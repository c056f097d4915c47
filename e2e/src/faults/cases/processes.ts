import type { Service } from '@yanxiu/contracts/topic-access';
import { until } from '@yanxiu/testkit/waiting';
import { BOTH, isAlive, type Case, type Trial } from '../case.js';
import type { Link } from '../proxy.js';
import { publishRaw } from '../publish.js';

const PRODUCERS = ['personnel', 'training', 'hours', 'funding'] as const;
const CONSUMERS = ['training', 'hours', 'funding', 'evaluation'] as const;

/** Waits until the supervisor runs another process under the name. */
export const restarted = (trial: Trial, name: string, former: number): Promise<unknown> =>
  until(
    async () => {
      const pid = await trial.stage.system.pid(name);
      return pid !== undefined && pid !== former && isAlive(pid);
    },
    { timeoutMs: 30_000, message: `${name} to be started again` },
  );

/** The service kills itself at the point; the proof is its note and that its process is gone. */
async function dieAt(trial: Trial, service: Service, point: string): Promise<void> {
  const { system, points } = trial.stage;
  const pid = await system.pid(service);
  if (pid === undefined) throw new Error(`${service} is not running`);
  const before = (await points.hits()).length;
  await points.arm(service, point);
  const hit = await trial.expectHit(async () => {
    const hits = (await points.hits()).slice(before);
    return hits.some((each) => each.pid === pid && each.point === point) && !isAlive(pid);
  });
  await points.disarm(service, point);
  if (hit) await restarted(trial, service, pid);
}

const atPoint =
  (services: readonly Service[], point: string): Case['run'] =>
  (trial) =>
    dieAt(trial, trial.pick(services), point);

/** Whether the data is the relay's of this service, with that many events at least. */
const sendsEvents = (trial: Trial, service: Service, atLeast: number) => {
  const source = `/yanxiu/${service}`;
  return (data: Buffer, link: Link): boolean => {
    const appends =
      trial.stage.transport === 'kafka'
        ? data.length > 6 && data.readInt16BE(4) === 0 && link.client === `yanxiu-${service}`
        : data.includes('log-append');
    return appends && data.toString('latin1').split(source).length - 1 >= atLeast;
  };
};

/** Kills the producer while its batch is on the wire: all of it, or a part. */
async function dieOnTheWire(trial: Trial, share: number, atLeast: number): Promise<void> {
  const { system, eventsWire } = trial.stage;
  const service = atLeast > 1 ? 'training' : trial.pick(PRODUCERS);
  const pid = await system.pid(service);
  if (pid === undefined) throw new Error(`${service} is not running`);
  const before = eventsWire.counts.caught;
  eventsWire.setSnare({
    wants: sendsEvents(trial, service, atLeast),
    share,
    caught: () => process.kill(pid, 'SIGKILL'),
  });
  const hit = await trial.expectHit(() => eventsWire.counts.caught > before && !isAlive(pid));
  eventsWire.setSnare(undefined);
  if (hit) await restarted(trial, service, pid);
}

/** A message that cannot be read, so that a consumer comes to park it. */
async function dieParking(trial: Trial): Promise<void> {
  const { stage } = trial;
  const key = `poison-${trial.random.int(0, 1e9)}`;
  const service = trial.pick(['training', 'hours'] as const);
  await Promise.all([
    dieAt(trial, service, 'inbox.before-park'),
    publishRaw(stage, [{ topic: 'personnel.teacher', key, value: '{"half": ' }]),
  ]);
  await until(
    async () => {
      const rows = await stage.sql(service, 'SELECT 1 FROM dead_letter WHERE key = $1', [key]);
      return rows.length === 1;
    },
    { timeoutMs: 30_000, message: `${service} to park the message once` },
  );
}

async function killGateway(trial: Trial): Promise<void> {
  const { client, stage } = trial;
  const pid = await stage.system.pid('gateway');
  if (pid === undefined) throw new Error('the gateway is not running');
  await until(() => client.inFlight >= 3, { everyMs: 1, message: 'mutations under way' });
  const broken = client.broken;
  process.kill(pid, 'SIGKILL');
  await trial.expectHit(() => client.broken > broken && !isAlive(pid));
  await restarted(trial, 'gateway', pid);
}

/** SIGKILL of a service at a named place, or of the gateway. */
export const processCases: readonly Case[] = [
  {
    id: 'F1',
    fault: 'producer killed before its transaction commits',
    run: atPoint(PRODUCERS, 'outbox.before-commit'),
  },
  {
    id: 'F2',
    fault: 'producer killed before it sends',
    short: true,
    run: atPoint(PRODUCERS, 'relay.before-send'),
  },
  {
    id: 'F3',
    fault: 'producer killed after sending, before the acknowledgement',
    run: (trial: Trial) => dieOnTheWire(trial, 1, 1),
  },
  {
    id: 'F4',
    fault: 'producer killed after the acknowledgement, before it marks',
    short: true,
    run: atPoint(PRODUCERS, 'relay.before-mark'),
  },
  {
    id: 'F5',
    fault: 'producer killed after it marks',
    run: atPoint(PRODUCERS, 'relay.after-mark'),
  },
  {
    id: 'F6',
    fault: 'producer killed in the middle of a batch',
    run: (trial: Trial) => dieOnTheWire(trial, 0.5, 2),
  },
  {
    id: 'F7',
    fault: 'consumer killed before its transaction',
    run: atPoint(CONSUMERS, 'inbox.before-transaction'),
  },
  {
    id: 'F8',
    fault: 'consumer killed inside its transaction',
    short: true,
    run: atPoint(CONSUMERS, 'inbox.before-commit'),
  },
  {
    id: 'F9',
    fault: 'consumer killed before its position is committed',
    run: atPoint(CONSUMERS, 'inbox.after-commit'),
  },
  {
    id: 'F10',
    fault: 'consumer killed after its position is committed',
    run: atPoint(CONSUMERS, 'consumer.after-position'),
  },
  { id: 'F11', fault: 'consumer killed while parking a dead letter', run: dieParking },
  { id: 'F12', fault: 'gateway killed in mid-mutation', run: killGateway },
].map((each) => ({ transports: BOTH, seeds: 3, ...each }));
