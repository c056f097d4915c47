import { afterAll } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { migratePostgresLog } from './postgres-log.js';
import { transportContract } from './testing/transport-contract.js';

let events: TestDatabase | undefined;
afterAll(() => events?.drop());

transportContract('the Postgres log', async () => {
  events = await createTestDatabase({ service: 'events' });
  await migratePostgresLog(events.ownerUrl, new URL(events.appUrl).username);
  return { kind: 'postgres', url: events.appUrl };
});
