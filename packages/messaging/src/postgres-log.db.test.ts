import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { until } from '@yanxiu/testkit/waiting';
import { everything, migratePostgresLog } from './postgres-log-access.js';
import { openTransport, type TransportSpec } from './testing/fixture.js';
import { stateContract } from './testing/state-contract.js';
import { transportContract } from './testing/transport-contract.js';

const databases: TestDatabase[] = [];
afterAll(async () => {
  for (const database of databases) await database.drop();
});

const spec = async (): Promise<TransportSpec> => {
  const events = await createTestDatabase({ service: 'events' });
  databases.push(events);
  await migratePostgresLog(events.ownerUrl, [everything(new URL(events.appUrl).username)]);
  return { kind: 'postgres', url: events.appUrl };
};

transportContract('the Postgres log', spec);
stateContract('the Postgres log', spec);

describe('snapshots on the Postgres log', () => {
  it('give way to newer ones alone, and leave one of each key', async () => {
    const transport = await openTransport(await spec());
    const topic = `test.${randomUUID().slice(0, 8)}.state`;
    await transport.ensureTopics([topic]);
    const publisher = await transport.publisher();
    const send = (...versions: number[]) =>
      publisher.publish(
        versions.map((aggregateversion) => ({
          topic,
          key: 'a',
          id: randomUUID(),
          value: JSON.stringify({ aggregateversion }),
        })),
      );
    // A relay that was thought dead sends its old batch after the new one.
    await send(1, 3, 2);
    await send(2, 1);
    expect(await transport.lag('reader', [topic])).toBe(1);
    const seen: string[] = [];
    const subscription = await transport.subscribe({
      group: 'reader',
      topics: [topic],
      onFatal: () => {},
      onBatch: async (batch) => void seen.push(...batch.map(({ value }) => value)),
    });
    await until(() => seen.length > 0);
    await send(4);
    await until(() => seen.length > 1);
    await until(async () => (await transport.lag('reader', [topic])) === 0);
    expect(seen.map((value) => JSON.parse(value) as unknown)).toEqual([
      { aggregateversion: 3 },
      { aggregateversion: 4 },
    ]);
    await subscription.stop();
    await transport.close();
  });

  it('are not read by one subscription with events', async () => {
    const transport = await openTransport(await spec());
    const mixed = transport.subscribe({
      group: 'reader',
      topics: ['test.mixed', 'test.mixed.state'],
      onFatal: () => {},
      onBatch: async () => {},
    });
    await expect(mixed).rejects.toThrow('read the topics test.mixed.state');
    await transport.close();
  });

  it('cannot be removed by the role that keeps them', async () => {
    const { url } = (await spec()) as { url: string };
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (const statement of ['DELETE FROM log_state', 'TRUNCATE log_state']) {
      await expect(client.query(statement)).rejects.toThrow('permission denied');
    }
    await client.end();
  });
});
