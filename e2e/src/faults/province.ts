import type { Client } from './client.js';
import type { Stage } from './stage.js';

/** What the load needs to know of the province. */
export interface Province {
  city: string;
  schools: string[];
  institution: { id: string; code: string; category: string };
  year: number;
}

export const CITY = '140400';

/** Finds the places in the seeded tree and files the city's plan, without which nothing starts. */
export async function prepareProvince(stage: Stage, client: Client): Promise<Province> {
  const schools = await stage.sql<{ code: string }>(
    'personnel',
    `SELECT s.code FROM org_unit s JOIN org_unit c ON c.code = s.parent_code
     WHERE s.tier = 'SCHOOL' AND s.sector = 'BASIC' AND s.stage = 'PRIMARY'
       AND c.tier = 'COUNTY' AND c.parent_code = $1 ORDER BY s.code`,
    [CITY],
  );
  const [institution] = await stage.sql<{ id: string; code: string; category: string }>(
    'training',
    `SELECT i.id, i.code, a.categories[1] AS category
     FROM training_institution i JOIN accreditation a ON a.institution_id = i.id
     WHERE 'BASIC' = ANY(a.sectors) AND a.valid_to > now() ORDER BY i.code LIMIT 1`,
  );
  if (schools.length < 2 || !institution)
    throw new Error('the seeded province lacks what the load needs');
  const year = new Date().getFullYear();
  await client.send({
    name: 'fileAnnualPlan',
    type: 'FileAnnualPlanInput',
    input: {
      unitCode: CITY,
      year,
      title: '年度教师培训计划',
      summary: '全员培训',
      items: [{ title: '骨干教师培训', sector: 'BASIC', participants: 100 }],
    },
    select: 'annualPlan { id }',
    sender: { persona: 'city-officer', org: CITY },
  });
  return { city: CITY, schools: schools.map(({ code }) => code), institution, year };
}
