import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { messagingTables } from '@yanxiu/messaging/tables';
import { testContext } from '@yanxiu/testkit/context';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import type { Actor } from './actor.js';
import { auditStatements } from './audit/tables.js';
import { command, commandTables } from './command.js';
import { connectDatabase } from './database.js';
import {
  SIGNED_IN,
  fence,
  fenceProblems,
  isSelf,
  scopeFunctions,
  scopeRole,
} from './row-security.js';
import {
  SYSTEM_SESSION,
  asWriter,
  asSystem,
  keyed,
  ranged,
  scopedTo,
  type Scope,
} from './scoped-database.js';

class Notes1700000000001 implements MigrationInterface {
  name = 'Notes1700000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [
      ...messagingTables,
      ...commandTables,
      ...auditStatements,
      ...scopeFunctions,
      'CREATE TABLE note (id integer PRIMARY KEY, unit text NOT NULL, teacher uuid)',
      ...fence(
        'note',
        `(${scopeRole('OFFICER')} AND note.unit = (SELECT scope_unit()))`,
        isSelf('note.teacher'),
      ),
      'CREATE TABLE open_note (id integer PRIMARY KEY)',
      ...fence('open_note', SIGNED_IN),
    ]) {
      await queryRunner.query(statement);
    }
  }

  async down(): Promise<void> {}
}

/** A later migration, which changes rows as the owner. */
class Corrected1700000000002 implements MigrationInterface {
  name = 'Corrected1700000000002';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`INSERT INTO note VALUES (1, 'A', NULL), (2, 'B', '${TEACHER}')`);
    await queryRunner.query('INSERT INTO open_note VALUES (1)');
    await queryRunner.query("UPDATE note SET unit = 'C' WHERE unit = 'B'");
  }

  async down(): Promise<void> {}
}

const TEACHER = '018f0000-0000-7000-8000-000000000001';
const officer = (unit: string): Actor => ({ subject: 'o', role: 'OFFICER', unit });
const teacher = (id: string): Actor => ({ subject: 't', role: 'TEACHER', unit: 'A', teacher: id });

describe('the fence of row-level security', () => {
  let database: TestDatabase;
  let db: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase({
      service: 'fence',
      migrations: [Notes1700000000001, Corrected1700000000002],
    });
    // One connection: whatever a scope left behind, the next would find.
    db = await connectDatabase({ url: database.appUrl, entities: [], poolSize: 1 });
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  const notes = async (of: DataSource): Promise<number[]> => {
    const rows: { id: number }[] = await of.query('SELECT id FROM note ORDER BY id');
    return rows.map(({ id }) => id);
  };

  it.each<[string, Scope, number[]]>([
    ['everything to SYSTEM', 'SYSTEM', [1, 2]],
    ['nothing without login', null, []],
    ['its own to a unit', officer('A'), [1]],
    ['what a migration has changed', officer('C'), [2]],
    ['nothing to another unit', officer("B' OR true; --\\"), []],
    ['her own to a teacher', teacher(TEACHER), [2]],
    ['nothing to one whose id is none', teacher('nobody'), []],
    ['nothing of its unit to another role', { ...officer('A'), role: 'FINANCE' }, []],
  ])('shows %s', async (_title, scope, expected) => {
    const scoped = scopedTo(db, scope);
    expect(await notes(scoped)).toEqual(expected);
    const built = scoped.manager.createQueryBuilder().select('n.id', 'id').from('note', 'n');
    expect(await built.getRawMany()).toHaveLength(expected.length);
    expect(await scoped.transaction((tx) => tx.query('SELECT id FROM note'))).toHaveLength(
      expected.length,
    );
    expect(await notes(db)).toEqual([]);
  });

  it('opens to whoever has logged in, but not to the operator', async () => {
    const seen = async (scope: Scope) =>
      ((await scopedTo(db, scope).query('SELECT 1 FROM open_note')) as unknown[]).length;
    expect(await seen(officer('Z'))).toBe(1);
    expect(await seen(null)).toBe(0);
    expect(await seen({ ...officer('Z'), role: 'PLATFORM' })).toBe(0);
  });

  it('keeps statements of several scopes apart that share a connection', async () => {
    const scopes: Scope[] = [officer('A'), 'SYSTEM', null, officer('C'), teacher(TEACHER)];
    const asked = Array.from({ length: 20 }, (_, n) => scopes[n % scopes.length] ?? null);
    const answers = await Promise.all(asked.map((scope) => notes(scopedTo(db, scope))));
    expect(answers).toEqual(
      Array.from({ length: 20 }, (_, n) => [[1], [1, 2], [], [2], [2]][n % scopes.length]),
    );
  });

  it('leaves what is asked beside a failing statement alone', async () => {
    const scoped = scopedTo(db, officer('A'));
    const [failed, answered, unknown] = await Promise.allSettled([
      scoped.query('SELECT 1 / $1::int', [0]),
      notes(scoped),
      scoped.query('SELECT nothing'),
    ]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { code: '22012' } });
    expect(unknown).toMatchObject({ status: 'rejected', reason: { code: '42703' } });
    expect(answered).toEqual({ status: 'fulfilled', value: [1] });
    await expect(
      scoped.transaction(async (tx) => {
        await tx.query('SELECT 1 / 0');
      }),
    ).rejects.toThrow('division by zero');
    expect(await notes(scoped)).toEqual([1]);
    expect(await notes(db)).toEqual([]);
  });

  it('lets a command write what its actor may only read', async () => {
    const scoped = scopedTo(db, officer('A'));
    const insert = "INSERT INTO note VALUES (3, 'A', NULL)";
    await expect(scoped.query(insert)).rejects.toThrow('row-level security');
    const [, changed] = (await scoped.query('UPDATE note SET unit = unit')) as [unknown, number];
    expect(changed).toBe(0);
    const context = testContext({ service: 'fence', db, actor: officer('A') });
    await command(context, 'note.add', {}, async ({ manager }) => {
      await manager.query(insert);
      return {};
    });
    expect(await notes(context.db)).toEqual([1, 3]);
    await asSystem(db).query('DELETE FROM note WHERE id = 3');
  });

  it('stands before the owner as well, unless the session says what it is', async () => {
    const owner = async (options?: string) => {
      const client = new pg.Client({
        connectionString: database.ownerUrl,
        ...(options && { options }),
      });
      await client.connect();
      const { rowCount } = await client.query('SELECT 1 FROM note');
      await client.end();
      return rowCount;
    };
    expect(await owner()).toBe(0);
    expect(await owner(SYSTEM_SESSION)).toBe(2);
  });

  it('finds no more by a plan that was kept from another scope', async () => {
    const client = new pg.Client({ connectionString: database.appUrl });
    await client.connect();
    await client.query('SET plan_cache_mode = force_generic_plan');
    const seen = async (settings: string) => {
      await client.query(`BEGIN; ${settings}`);
      const { rows } = await client.query<{ id: number }>({
        name: 'kept',
        text: 'SELECT id FROM note ORDER BY id',
      });
      await client.query('COMMIT');
      return rows.map(({ id }) => id);
    };
    expect(await seen("SET LOCAL yanxiu.role = 'SYSTEM'")).toEqual([1, 2]);
    const own = "SET LOCAL yanxiu.role = 'OFFICER'; SET LOCAL yanxiu.unit = 'A'";
    expect(await seen(own)).toEqual([]);
    expect(await seen('SELECT 1')).toEqual([]);
    expect(await seen("SET LOCAL yanxiu.role = 'SYSTEM'")).toEqual([1, 2]);
    await client.end();
  });

  it('keeps statements that come often prepared, those of each role apart', async () => {
    const asked = (of: Scope, id: number): Promise<{ id: number }[]> =>
      scopedTo(db, of).query('SELECT id FROM note WHERE id <= $1 ORDER BY id', [id]);
    // Ten times: from the sixth on the server may use one plan for all parameters.
    for (let n = 0; n < 10; n += 1) {
      expect(await asked('SYSTEM', 2)).toEqual([{ id: 1 }, { id: 2 }]);
      expect(await asked(officer('A'), 2)).toEqual([{ id: 1 }]);
      expect(await asked(officer('C'), 2)).toEqual([{ id: 2 }]);
      expect(await asked(null, 2)).toEqual([]);
    }
    const names: { name: string }[] = await asSystem(db).query(
      `SELECT name FROM pg_prepared_statements WHERE statement LIKE 'SELECT id FROM note WHERE id <=%'`,
    );
    expect(names).toHaveLength(3);
  });

  it('plans once what is asked by key, each time what is asked by range', async () => {
    const sql = 'SELECT unit FROM note WHERE id = $1';
    const plansOf = async (text: string): Promise<{ custom: number; generic: number }[]> =>
      asSystem(db).query(
        `SELECT custom_plans::int AS custom, generic_plans::int AS generic
         FROM pg_prepared_statements WHERE statement = '${text}'`,
      );
    const officerDb = scopedTo(db, officer('A'));
    for (const text of [sql, keyed(sql), ranged(sql)]) {
      for (let n = 0; n < 12; n += 1) await officerDb.query(text, [n]);
    }
    // The first two are not kept; PostgreSQL by itself looks at five.
    expect(await plansOf(sql)).toEqual([{ custom: 5, generic: 5 }]);
    expect(await plansOf(keyed(sql))).toEqual([{ custom: 0, generic: 10 }]);
    expect(await plansOf(ranged(sql))).toEqual([{ custom: 10, generic: 0 }]);
    const taken = 'SELECT teacher FROM note WHERE id = $1';
    await asWriter(db).transaction(async (manager) => {
      for (let n = 0; n < 6; n += 1) await manager.query(taken, [n]);
    });
    expect(await plansOf(taken)).toEqual([{ custom: 0, generic: 4 }]);
    const after = await asSystem(db).query('SHOW plan_cache_mode');
    expect(after).toEqual([{ plan_cache_mode: 'auto' }]);
  });

  it('plans anew what a migration has changed, alone and in a command', async () => {
    const ddl = new pg.Client({ connectionString: database.ownerUrl });
    await ddl.connect();
    const columns = async (of: { query: DataSource['query'] }): Promise<string[]> => {
      const rows: object[] = await of.query('SELECT * FROM note WHERE id = $1', [1]);
      return Object.keys(rows[0] ?? {});
    };
    for (let n = 0; n < 5; n += 1) await columns(asSystem(db));
    await ddl.query('ALTER TABLE note ADD COLUMN colour text');
    expect(await columns(asSystem(db))).toContain('colour');
    for (let n = 0; n < 5; n += 1) await columns(asSystem(db));
    await ddl.query('ALTER TABLE note DROP COLUMN colour');
    const context = testContext({ service: 'fence', db, actor: officer('A') });
    const found = await command(context, 'note.read', {}, ({ manager }) => columns(manager));
    expect(found).toEqual(['id', 'unit', 'teacher']);
    await ddl.end();
  });

  it('says what to do about a table that is not behind it', async () => {
    const { manager } = asSystem(db);
    expect(await fenceProblems(manager)).toEqual([]);
    const ddl = new pg.Client({ connectionString: database.ownerUrl });
    await ddl.connect();
    await ddl.query('CREATE TABLE plain (id integer)');
    expect(await fenceProblems(manager)).toEqual([expect.stringContaining("fence('plain'")]);
    expect(await fenceProblems(manager, { plain: 'a list of colours' })).toEqual([]);
    await ddl.query('ALTER TABLE note NO FORCE ROW LEVEL SECURITY');
    expect(await fenceProblems(manager, { plain: 'a list of colours' })).toEqual([
      expect.stringContaining('note has no row-level security'),
    ]);
    await ddl.query('ALTER TABLE note FORCE ROW LEVEL SECURITY');
    expect(await fenceProblems(manager, { plain: '-', note: '-' })).toEqual([
      'note is fenced: take it off the list',
    ]);
    await ddl.end();
  });
});
