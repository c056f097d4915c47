import { describe, expect, it } from '@jest/globals';
import { contains, governs, nearestGoverning, type AuthorityModel } from './governance.js';
import type { OrgUnit } from './org-unit.js';

const MODEL: AuthorityModel = {
  BASIC: { PROVINCE: 'GUIDE', CITY: 'IMPLEMENT', COUNTY: 'IMPLEMENT', SCHOOL: 'IMPLEMENT' },
  VOCATIONAL: { PROVINCE: 'GUIDE', CITY: 'COORDINATE', SCHOOL: 'IMPLEMENT' },
  HIGHER: { PROVINCE: 'GUIDE', SCHOOL: 'IMPLEMENT' },
};

const unit = (path: string, tier: OrgUnit['tier'], sector: OrgUnit['sector'] = null) => ({
  code: path.slice(path.lastIndexOf('.') + 1),
  tier,
  sector,
  path,
});
const province = unit('14', 'PROVINCE');
const city = unit('14.04', 'CITY');
const county = unit('14.04.03', 'COUNTY');
const primary = unit('14.04.03.1', 'SCHOOL', 'BASIC');
const vocational = unit('14.04.03.2', 'SCHOOL', 'VOCATIONAL');
const college = unit('14.04.3', 'SCHOOL', 'HIGHER');

describe('who governs', () => {
  it.each([
    ['a county its primary schools', county, primary, true],
    ['a school itself', primary, primary, true],
    ['no school another', primary, vocational, false],
    ['no county a vocational school in it (A21)', county, vocational, false],
    ['the city a vocational school in a county (A21)', city, vocational, true],
    ['no city a university in it', city, college, false],
    ['a university itself', college, college, true],
    ['the province whatever lies in it', province, college, true],
    ['a city its counties', city, county, true],
    ['no county its city', county, city, false],
    ['no unit one whose code begins alike', unit('14.0', 'CITY'), city, false],
  ])('%s', (_, governing, other, answer) => {
    expect(governs(governing, other, MODEL)).toBe(answer);
  });

  it('is among those that contain, who may read', () => {
    expect(contains(county, vocational)).toBe(true);
    expect(contains(city, college)).toBe(true);
    expect(contains(county, city)).toBe(false);
  });

  it.each([
    [primary, [province, city, county], county],
    [vocational, [province, city, county], city],
    [college, [province, city], province],
    [province, [], null],
  ])('and the nearest of those above is the superior', (below, above, superior) => {
    expect(nearestGoverning(below, above, MODEL)).toBe(superior);
  });
});
