import { EVALUATION_AGENCY } from './book.js';
import { groupBy } from '@yanxiu/contracts/group-by';
import type { World } from './world.js';
import type { Teacher } from './teachers.js';
import { PROVINCE } from './tree.js';

/** A row of `personas.json` (see `@yanxiu/subgraph/local-issuer`). */
export interface Persona {
  persona: string;
  zh: string;
  role: string;
  unit: string;
  name?: string;
  institution?: string;
}

export interface Directory {
  personas: Persona[];
  teachersByUnit: Record<string, string[]>;
  institutions: string[];
  units: string[];
}

const CITY = '140400';

/** Who can be impersonated in this province: a person for each row of domain.md §1. */
export function directoryOf(
  { tree, institutions }: World,
  teachers: readonly Teacher[],
): Directory {
  const county = tree.counties.find(({ parentCode }) => parentCode === CITY);
  const school = tree.schools.find(
    ({ parentCode, stage }) => parentCode === county?.code && stage === 'PRIMARY',
  );
  const [institution] = institutions;
  if (!county || !school || !institution) throw new Error('the province lacks a default unit');
  const row = (persona: string, zh: string, role: string, unit: string): Persona => ({
    persona,
    zh,
    role,
    unit,
  });
  const byUnit = groupBy(teachers, ({ unitCode }) => unitCode);
  return {
    personas: [
      row('province-officer', '省教育厅培训管理人员', 'OFFICER', PROVINCE),
      row('city-officer', '市教育局培训管理人员', 'OFFICER', CITY),
      row('county-officer', '县教育局培训管理人员', 'OFFICER', county.code),
      row('school-coordinator', '学校培训管理员', 'COORDINATOR', school.code),
      {
        ...row('institution-staff', '承训机构工作人员', 'INSTITUTION', institution.byUnit),
        institution: institution.code,
      },
      row('teacher', '教师', 'TEACHER', school.code),
      {
        ...row('evaluator', '评估机构专家', 'EVALUATOR', PROVINCE),
        institution: EVALUATION_AGENCY,
      },
      row('finance-officer', '财务人员', 'FINANCE', CITY),
      row('auditor', '审计人员', 'AUDITOR', PROVINCE),
      row('analyst', '数据分析人员', 'ANALYST', PROVINCE),
      row('platform', '平台运维人员', 'PLATFORM', PROVINCE),
    ],
    teachersByUnit: Object.fromEntries(
      [...byUnit].map(([unit, list]) => [unit, list.map(({ id }) => id)]),
    ),
    institutions: institutions.map(({ code }) => code),
    units: [...tree.divisions, ...tree.schools].map(({ code }) => code),
  };
}
