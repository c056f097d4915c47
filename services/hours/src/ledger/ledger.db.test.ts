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

/** The credit as a row, changed in some columns, inserted by the owner. */
const insertLike = (changes: Record<string, unknown>) =>
  owner.query(
    `INSERT INTO hour_entry (id, teacher_id, cause_id, decision_id, kind, reverses_entry_id,
       follows_entry_id, year, centihours, valid_on, recorded_at, unit_code, project_id, level,
       modality)
     SELECT n.id, n.teacher_id, n.cause_id, n.decision_id, n.kind, n.reverses_entry_id,
       n.follows_entry_id, n.year, n.centihours, n.valid_on, n.recorded_at, n.unit_code,
       n.project_id, n.level, n.modality
     FROM hour_entry e, jsonb_populate_record(e, $1::jsonb) n WHERE e.teacher_id = $2`,
    [JSON.stringify({ id: newId(), ...changes }), teacherId],
  );

describe('what is on record', () => {
  it.each(appendOnly)(
    '%s refuses UPDATE, DELETE and TRUNCATE of the owner and of the app',
    async (table) => {
      const { rows } = await owner.query(
        `SELECT column_name FROM information_schema.columns
       WHERE table_name = $1 AND is_updatable = 'YES' AND is_generated = 'NEVER'
         AND is_identity = 'NO' LIMIT 1`,
        [table],
      );
      const column = (rows[0] as { column_name: string }).column_name;
      for (const sql of [
        `UPDATE ${table} SET ${column} = ${column}`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table} CASCADE`,
      ]) {
        await expect(owner.query(sql)).rejects.toMatchObject({ code: '23001' });
        await expect(province.db.query(sql)).rejects.toMatchObject({ code: '42501' });
      }
    },
  );
});

describe('HOURS-ONCE in the database', () => {
  let another: string;
  let creditId: string;
  beforeAll(async () => {
    another = newId();
    // Another decision on the cause, so that only the entry's own guards can refuse.
    await owner.query(
      `INSERT INTO recognition_decision
       SELECT n.* FROM recognition_decision d,
         jsonb_populate_record(d, jsonb_build_object('id', $1::text, 'sequence', 2)) n
       WHERE d.teacher_id = $2`,
      [another, teacherId],
    );
    const { rows } = await owner.query('SELECT id FROM hour_entry WHERE teacher_id = $1', [
      teacherId,
    ]);
    creditId = (rows[0] as { id: string }).id;
  });

  it('refuses a second credit of a cause and year', async () => {
    await expect(insertLike({ decision_id: another })).rejects.toMatchObject({
      constraint: 'hour_entry_first_credit',
    });
  });

  it.each([
    ['nothing', () => newId()],
    ['a credit', () => creditId],
  ])('refuses a credit that follows %s', async (_, follows) => {
    const credit = { decision_id: another, follows_entry_id: follows() };
    await expect(insertLike(credit)).rejects.toMatchObject({ code: '23503' });
  });

  it.each([
    [-1, '23503'],
    [1, '23514'],
  ])('refuses a reversal of another amount (%d)', async (centihours, code) => {
    const reversal = { kind: 'REVERSAL', reverses_entry_id: creditId, centihours };
    await expect(insertLike(reversal)).rejects.toMatchObject({ code });
  });
});
