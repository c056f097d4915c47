import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { SYSTEM_SESSION } from '@yanxiu/subgraph/scoped-database';
import { complete, days, hire, newId, participation, startProvince } from '../testing/province.js';
import type { Province } from '../testing/province.js';
import { appendOnly } from '../database.js';

let province: Province;
let owner: pg.Client;
let teacherId: string;
beforeAll(async () => {
  province = await startProvince();
  owner = new pg.Client({ connectionString: province.database.ownerUrl, options: SYSTEM_SESSION });
  await owner.connect();
  teacherId = await hire(province);
  await complete(province, participation(teacherId, days('2025-03-03', 2, 360)));
});
afterAll(async () => {
  await owner.end();
  await province.stop();
});

/** The first posting as a row, changed in some columns, inserted by the owner. */
const insertLike = (changes: Record<string, unknown>) =>
  owner.query(
    `INSERT INTO hour_entry
     SELECT n.* FROM hour_entry e, jsonb_populate_record(e, $1::jsonb) n
     WHERE e.teacher_id = $2 AND e.turn = 1`,
    [JSON.stringify({ id: newId(), ...changes }), teacherId],
  );

/** A further decision on the cause, so that only the postings' own guards can refuse. */
const decideAgain = (sequence: number) =>
  owner.query(
    `INSERT INTO recognition_decision (teacher_id, cause_id, id, decided_at, planned_minutes,
       attended_minutes, credited_minutes, sequence, rule, trace)
     SELECT teacher_id, cause_id, $1, decided_at, planned_minutes, attended_minutes,
       credited_minutes, $2, rule, trace
     FROM recognition_decision WHERE teacher_id = $3 AND sequence = 1`,
    [newId(), sequence, teacherId],
  );

/** The parts of a partitioned table; an ordinary one has none. */
const partsOf = async (table: string): Promise<string[]> =>
  (
    await owner.query<{ part: string }>(
      'SELECT relid::regclass::text AS part FROM pg_partition_tree($1::regclass) WHERE level > 0',
      [table],
    )
  ).rows.map(({ part }) => part);

const changesOf = async (table: string): Promise<string[]> => {
  const { rows } = await owner.query<{ column: string }>(
    `SELECT column_name AS column FROM information_schema.columns
     WHERE table_name = $1 AND is_updatable = 'YES' AND is_generated = 'NEVER'
       AND is_identity = 'NO' LIMIT 1`,
    [table],
  );
  const column = rows[0]?.column;
  return [
    `UPDATE ${table} SET ${column} = ${column}`,
    `DELETE FROM ${table}`,
    `TRUNCATE ${table} CASCADE`,
  ];
};

describe('what is on record', () => {
  it.each(appendOnly)(
    '%s refuses UPDATE, DELETE and TRUNCATE of the owner and of the app',
    async (table) => {
      for (const sql of await changesOf(table)) {
        await expect(owner.query(sql)).rejects.toMatchObject({ code: '23001' });
        await expect(province.db.query(sql)).rejects.toMatchObject({ code: '42501' });
      }
    },
  );

  it.each(['cause', 'recognition_decision', 'hour_entry'])(
    '%s lies in 16 parts by the teacher, none of which is a way round',
    async (table) => {
      const parts = await partsOf(table);
      expect(parts).toHaveLength(16);
      for (const part of parts) {
        for (const sql of await changesOf(part)) {
          await expect(owner.query(sql)).rejects.toMatchObject({ code: '23001' });
        }
        const read = province.db.query(`SELECT FROM ${part}`);
        await expect(read).rejects.toMatchObject({ code: '42501' });
        const write = province.db.query(`INSERT INTO ${part} DEFAULT VALUES`);
        await expect(write).rejects.toMatchObject({ code: '42501' });
      }
    },
  );
});

describe('HOURS-ONCE in the database', () => {
  it('keeps decisions on a cause in one unbroken row', async () => {
    await expect(decideAgain(1)).rejects.toMatchObject({ code: '23505' });
    await expect(decideAgain(3)).rejects.toMatchObject({ code: '23503' });
    await decideAgain(2);
  });

  it('refuses a second credit of a cause and year', async () => {
    await expect(insertLike({ decision_sequence: 2 })).rejects.toMatchObject({ code: '23505' });
  });

  it('refuses a posting that follows none', async () => {
    const credit = { decision_sequence: 2, turn: 3 };
    await expect(insertLike(credit)).rejects.toMatchObject({ constraint: 'hour_entry_follows' });
  });

  it('refuses a credit in the place of a reversal, and the other way round', async () => {
    const credit = { decision_sequence: 2, turn: 2 };
    await expect(insertLike(credit)).rejects.toMatchObject({ code: '23514' });
    await expect(insertLike({ centihours: -1600 })).rejects.toMatchObject({ code: '23514' });
  });

  it.each([
    ['of another amount', -1, 2],
    ['by the decision that credited', -1600, 1],
  ])('refuses a reversal %s', async (_, centihours, sequence) => {
    const reversal = { decision_sequence: sequence, turn: 2, centihours };
    await expect(insertLike(reversal)).rejects.toMatchObject({
      constraint: 'hour_entry_reverses',
    });
  });

  it('refuses a posting of no decision', async () => {
    const reversal = { decision_sequence: 9, turn: 2, centihours: -1600 };
    await expect(insertLike(reversal)).rejects.toMatchObject({ code: '23503' });
  });

  it('takes the reversal and a new credit by the later decision, and no credit of an earlier', async () => {
    await insertLike({ decision_sequence: 2, turn: 2, centihours: -1600 });
    await expect(insertLike({ turn: 3 })).rejects.toMatchObject({
      constraint: 'hour_entry_credits_again',
    });
    await insertLike({ decision_sequence: 2, turn: 3, centihours: 800 });
    const { rows } = await owner.query<{ sum: string }>(
      'SELECT sum(centihours) FROM hour_entry WHERE teacher_id = $1',
      [teacherId],
    );
    expect(rows[0]?.sum).toBe('800');
  });
});
