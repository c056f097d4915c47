import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SERVICES } from '@yanxiu/contracts/topic-access';
import { startSecuredBroker, type SecuredBroker } from '@yanxiu/testkit/secured-broker';
import { startSystem, type System } from '@yanxiu/testkit/system';
import { javaAvailable } from '../../infra/kafka/kafka.mjs';
import { filePlan, findPlaces, importRosters } from './story/preparation.js';
import { fundProject } from './story/project.js';
import { World } from './story/world.js';

const TODAY = '2025-11-20';
const READER = 'promotion';
const CLI = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));

// Without Java and Maven there is no real Kafka: skipped loudly here, a failure with CI=true.
const suite = process.env['CI'] || javaAvailable() ? describe : describe.skip;

suite('the platform on a Kafka with TLS, logins and rights', () => {
  let broker: SecuredBroker;
  let system: System;
  const start = (env: Record<string, string>) =>
    startSystem({ transport: 'kafka', size: 'bare', today: TODAY, broker, env });

  beforeAll(async () => {
    broker = await startSecuredBroker({ [READER]: ['training.project'] });
    system = await start(broker.env);
    await system.setClock(`${TODAY}T10:00:00+08:00`);
  });
  afterAll(async () => {
    await system?.stop();
    await broker?.stop();
  });

  it('takes a project from plan to commitment by the events of three services', async () => {
    const world = new World(system);
    for (const step of [findPlaces, importRosters, filePlan, fundProject]) await step(world);
  });

  it('gives each service its own login, and the gateway none', async () => {
    const variablesOf = async (name: string) => {
      const text = await readFile(`/proc/${await system.pid(name)}/environ`, 'utf8');
      return text.split('\0').filter((line) => /^KAFKA_(USERNAME|PASSWORD)/.test(line));
    };
    for (const service of SERVICES) {
      const login = `yanxiu-${service}`;
      expect((await variablesOf(service)).sort()).toEqual([
        `KAFKA_PASSWORD=${broker.passwordOf(login)}`,
        `KAFKA_USERNAME=${login}`,
      ]);
    }
    expect(await variablesOf('gateway')).toEqual([]);
  });

  it('is compared as a whole by the login of whoever is on duty', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [CLI, 'verify', 'events', '--wait', '60'],
      { env: { ...process.env, ...broker.env, YANXIU_DATA_DIR: system.dataDir } },
    );
    expect(stdout).toContain('missing 0');
  });

  it('is read by another system and written by none', async () => {
    const admin = broker.clientOf(READER).admin();
    await admin.connect();
    expect(await admin.listTopics()).toEqual(['training.project']);
    await admin.disconnect();
    const producer = broker.clientOf(READER).producer({ allowAutoTopicCreation: false });
    await producer.connect();
    await expect(
      producer.send({ topic: 'training.project', messages: [{ key: 'a', value: '{}' }] }),
    ).rejects.toMatchObject({ type: 'TOPIC_AUTHORIZATION_FAILED' });
    await producer.disconnect();
  });

  it.each([
    ['password', { KAFKA_PASSWORD_HOURS: 'wrong' }, /KAFKA_USERNAME, KAFKA_PASSWORD: Kafka cannot/],
    ['authority', { KAFKA_CA: '' }, /KAFKA_CA: Kafka cannot be used/],
    ['half of a login', { KAFKA_PASSWORD_HOURS: '' }, /KAFKA_PASSWORD_HOURS is missing beside/],
  ])('does not start with a wrong %s, and says so', async (_, wrong, message) => {
    await expect(start({ ...broker.env, ...wrong })).rejects.toThrow(message);
  });
});
