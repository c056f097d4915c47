import type { MigrationInterface, QueryRunner } from 'typeorm';
import { messagingTables } from '../tables.js';

/** A service's tables as the transport tests need them: messaging's own and a place for effects. */
export class Effects1700000000001 implements MigrationInterface {
  name = 'Effects1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of messagingTables) await runner.query(statement);
    await runner.query(
      // No unique key on purpose: an effect that happens twice must be seen.
      `CREATE TABLE effect (
        n bigint GENERATED ALWAYS AS IDENTITY, event_id uuid NOT NULL, key text NOT NULL,
        version integer NOT NULL)`,
    );
  }

  async down(): Promise<void> {}
}
