import { DEPARTMENTS, ofTier, over, type Acting, type Governed } from '@yanxiu/registry/permission';
import type { PolicySet } from '@yanxiu/registry/policy';
import type { Actor } from '@yanxiu/subgraph/actor';
import { accepted, denied, refused } from '@yanxiu/subgraph/decision';
import type { Decision, Permission } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';
import type { OrgUnit, Sector, Stage, Tier } from './entity.js';

const below = (actor: Acting, parent: Governed): Permission =>
  all(inRole(actor, 'OFFICER'), ofTier(actor, DEPARTMENTS), over(actor, parent));

/** Who may hang a unit below `parent`, or take it from there; a move asks it of both. */
export const may = rights({ register: below, move: below });

/** Nobody's unit exists yet when the tree begins: the officer named by the root plants it. */
export const mayPlant = (actor: Actor, root: { code: string; first: boolean }): Permission =>
  all(
    inRole(actor, 'OFFICER'),
    actor.unit === root.code && root.first
      ? accepted()
      : denied('只能登记一个根单位。', 'A unit needs parentCode: the root exists already.'),
  );

/** The stages that a school of a sector can have. */
export const STAGES_OF: Readonly<Record<Sector, readonly Stage[]>> = {
  BASIC: ['KINDERGARTEN', 'PRIMARY', 'JUNIOR_SECONDARY', 'SENIOR_SECONDARY', 'SPECIAL'],
  // A29: a vocational college (高职院校) is HIGHER unless it was registered as VOCATIONAL.
  VOCATIONAL: ['SECONDARY_VOCATIONAL', 'HIGHER'],
  HIGHER: ['HIGHER'],
};

const PARENT_TIER: Readonly<Record<Exclude<Tier, 'SCHOOL'>, Tier | null>> = {
  PROVINCE: null,
  CITY: 'PROVINCE',
  COUNTY: 'CITY',
};

export interface NewUnit {
  code: string;
  name: string;
  tier: Tier;
  sector: Sector | null;
  stage: Stage | null;
  validFrom: string;
}

type Parent = Pick<OrgUnit, 'code' | 'tier' | 'validFrom'>;

/** What a unit is in itself: its code's format, and sector and stage for schools alone. */
export function wellFormed(unit: NewUnit): Decision {
  const school = unit.tier === 'SCHOOL';
  if (!(school ? /^\d{10}$/ : /^\d{6}$/).test(unit.code)) {
    return refused(
      'ORG-CODE',
      `单位代码 ${unit.code} 不合规：行政单位为 6 位数字（GB/T 2260），学校为 10 位数字。`,
      `The code ${unit.code} has the wrong form: six digits (GB/T 2260), ten for a school.`,
    );
  }
  if (unit.name.trim() === '') return refused('ORG-NAME', '名称不能为空。', 'Give a name.');
  if (school !== (unit.sector !== null)) {
    return refused(
      'ORG-SECTOR',
      '学校必须有教育类别（基础、职业、高等），行政单位不得有。',
      'A school needs a sector (BASIC, VOCATIONAL, HIGHER); another unit has none.',
    );
  }
  if (unit.stage !== null && !(unit.sector && STAGES_OF[unit.sector].includes(unit.stage))) {
    return refused(
      'ORG-STAGE',
      `学段 ${unit.stage} 与教育类别不符。`,
      `The stage ${unit.stage} does not belong to the sector.`,
    );
  }
  return accepted();
}

/** A teacher's stage fits a school: its own when it has one, else any of its sector. */
export const stageFits = (
  stage: Stage,
  school: { sector: Sector | null; stage: Stage | null },
): boolean =>
  school.stage !== null
    ? school.stage === stage
    : school.sector !== null && STAGES_OF[school.sector].includes(stage);

/**
 * Where a unit may hang: city under province, county under city (R4); a school where the authority
 * model of its sector puts it (R17, R50, R64), so no vocational school under a county (A21).
 */
export function mayHangUnder(
  unit: Pick<NewUnit, 'code' | 'tier' | 'sector'>,
  parent: Parent | null,
  on: string,
  policies: PolicySet,
): Decision {
  const wanted = parentTiers(unit, policies);
  if (parent === null ? wanted.length > 0 : !wanted.includes(parent.tier)) {
    return refused(
      'ORG-TIER',
      `单位 ${unit.code} 应隶属于以下层级：${wanted.join('、') || '无（最高层级）'}。`,
      `Unit ${unit.code} hangs under ${wanted.join(' or ') || 'nothing: it is the root'}.`,
      { parentTiers: wanted },
    );
  }
  if (parent && parent.validFrom > on) {
    return refused(
      'ORG-PARENT-DATE',
      `上级单位 ${parent.code} 自 ${parent.validFrom} 起才存在。`,
      `The unit above, ${parent.code}, exists only from ${parent.validFrom} on.`,
    );
  }
  return accepted();
}

function parentTiers(unit: Pick<NewUnit, 'tier' | 'sector'>, policies: PolicySet): Tier[] {
  if (unit.tier === 'SCHOOL') {
    const bySector = policies.value<Record<Sector, Tier[]>>('governance.parentTiers');
    return unit.sector ? bySector[unit.sector] : [];
  }
  const tier = PARENT_TIER[unit.tier];
  return tier ? [tier] : [];
}

interface Move {
  unit: Pick<OrgUnit, 'code' | 'path' | 'parentCode'>;
  parent: Pick<OrgUnit, 'code' | 'path'>;
  /** First day under the present parent. */
  since: string;
  from: string;
  today: string;
}

/** A move goes to another parent, never below itself, and history stays as it was. */
export function mayMove({ unit, parent, since, from, today }: Move): Decision {
  if (parent.path === unit.path || parent.path.startsWith(`${unit.path}.`)) {
    return refused(
      'ORG-CYCLE',
      `单位 ${unit.code} 不能隶属于自身或其下级。`,
      `Unit ${unit.code} cannot hang under itself or under a unit below it.`,
    );
  }
  if (parent.code === unit.parentCode) {
    return refused('ORG-SAME', '上级单位没有变化。', 'It hangs under that unit already.');
  }
  if (from <= since || from > today) {
    return refused(
      'ORG-DATE',
      `生效日期须晚于现隶属关系的起始日 ${since}，且不晚于今天 ${today}。`,
      `The date must be after ${since}, when the present parent began, and not after ${today}.`,
    );
  }
  return accepted();
}
