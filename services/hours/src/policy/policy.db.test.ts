import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { policiesOn } from '@yanxiu/registry/policy';
import { complete, days, hire, participation, publishPolicy } from '../testing/province.js';
import { recompute, startProvince, type Province } from '../testing/province.js';
import { VALUES } from '../testing/policies.js';
import { parametersOf } from './queries.js';

let province: Province;
beforeAll(async () => {
  province = await startProvince();
});
afterAll(() => province.stop());

const KEY = 'hours.basic.annual';

describe('parameters in force', () => {
  it('are those that the registry finds, by scope, date and version', async () => {
    const versions = [
      { version: 2, validFrom: '2024-01-01' },
      { version: 3, validFrom: '2024-01-01', validTo: '2024-06-30' },
      { version: 4, validFrom: '2022-01-01', scopeCode: '140400' },
      { version: 5, validFrom: '2022-01-01', scopeCode: '140403', validTo: '2024-12-31' },
      { version: 6, validFrom: '2023-01-01', scopeCode: '140400' },
    ];
    for (const version of versions) await publishPolicy(province, KEY, version.version, version);
    const { manager } = province.db;
    const parameters = await parametersOf(manager);
    const paths: { code: string; path: string }[] = await manager.query(
      'SELECT code, path FROM org_unit',
    );
    for (const { code, path } of [...paths, { code: 'none', path: null }]) {
      for (const date of ['2021-06-01', '2022-01-01', '2024-06-30', '2024-07-01', '2025-01-01']) {
        const [found, expected] = [
          parameters.on(date, path),
          await policiesOn(manager, date, code),
        ];
        for (const key of Object.keys(VALUES))
          expect(found.get(key)).toMatchObject(expected.get(key));
      }
    }
  });
});

describe('a new version', () => {
  it('judges the years anew that it holds for, and no others', async () => {
    const key = 'hours.vocational.annual';
    const unitCode = '140400901';
    const teacherId = await hire(province, { unitCode, sector: 'VOCATIONAL' });
    for (const from of ['2024-03-01', '2025-03-01']) {
      await complete(province, participation(teacherId, days(from, 10, 360), { unitCode }));
    }
    const verdicts = () =>
      province.db.query(
        `SELECT year, verdict, policy_version FROM yearly_compliance
         WHERE teacher_id = $1 AND year >= 2024 ORDER BY 1`,
        [teacherId],
      );
    await publishPolicy(province, key, 8000, { version: 2, validFrom: '2025-01-01' });
    await recompute(province);
    expect(await verdicts()).toEqual([
      { year: 2024, verdict: 'SHORT', policy_version: 1 },
      { year: 2025, verdict: 'MET', policy_version: 2 },
    ]);
    await publishPolicy(province, key, 9000, { version: 3, validFrom: '2025-01-01' });
    await recompute(province);
    expect((await verdicts())[1]).toMatchObject({ verdict: 'SHORT', policy_version: 3 });
  });
});
