import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { mintToken } from '@yanxiu/subgraph/local-issuer';
import { startSystem, type System } from '@yanxiu/testkit/system';
import { until } from '@yanxiu/testkit/waiting';
import { javaAvailable } from '../../infra/kafka/kafka.mjs';

const CLI = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));
const ROOT = '140000';
// Loudly skipped without Java for Kafka; in CI a failure.
const suite = process.env['CI'] || javaAvailable() ? describe : describe.skip;

suite('the tools of whoever is on duty, with Kafka', () => {
  let system: System;
  let token: string;

  const yanxiu = (...args: string[]): Promise<{ code: number; stdout: string }> =>
    new Promise((resolve) => {
      const env = {
        PATH: process.env['PATH'],
        YANXIU_DATA_DIR: system.dataDir,
        YANXIU_TOKEN: token,
        KAFKA_BROKERS: system.brokers,
      };
      execFile(process.execPath, [CLI, ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout: stdout || stderr });
      });
    });

  beforeAll(async () => {
    system = await startSystem({ transport: 'kafka' });
    token = await mintToken(system.dataDir, { sub: 'duty-1', role: 'PLATFORM', unit: ROOT });
    const planted = await system.gql(
      `mutation($input: RegisterOrgUnitInput!) {
        registerOrgUnit(input: $input) { orgUnit { code } }
        publishDefaultPolicies(input: {}) { published }
      }`,
      { input: { code: ROOT, name: '山西省教育厅', tier: 'PROVINCE' } },
      await mintToken(system.dataDir, { sub: 'officer-1', role: 'OFFICER', unit: ROOT }),
    );
    expect(planted.errors).toBeUndefined();
  });
  afterAll(() => system?.stop());

  it('verify that no event is missing, and leave no group behind', async () => {
    const { code, stdout } = await yanxiu('verify', 'events', '--wait', '60');
    expect(stdout).toMatch(/^missing 0$/m);
    expect(stdout).toMatch(/^personnel\.org-unit +1 +0 +1 +training +1 /m);
    expect(code).toBe(0);
    const brokers = system.brokers?.split(',') ?? [];
    const admin = new Kafka({ clientId: 'test', brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await until(async () => {
      const { groups } = await admin.listGroups();
      return groups.every(({ groupId }) => !groupId.includes('-read-'));
    });
    await admin.disconnect();
  });

  it('tell the lag of each partition', async () => {
    const { code, stdout } = await yanxiu('events', 'lag', '--service', 'training');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^training +personnel\.policy +3 +0$/m);
  });

  it('build a view again from its topics', async () => {
    const { code, stdout } = await yanxiu('rebuild', 'training', 'policies', '--check');
    expect(stdout).toContain('make it the same');
    expect(code).toBe(0);
  });
});
