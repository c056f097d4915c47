import type { System } from '@yanxiu/testkit/system';

/** A finished project of a city and one of its participants: ids to ask with. */
export interface Facts {
  city: string;
  county: string;
  school: string;
  year: number;
  project: string;
  class: string;
  enrolment: string;
  teacher: string;
  decision: string;
  entry: string;
  institution: string;
  institutionCode: string;
  budget: string;
}

interface Named {
  id: string;
}

interface Project extends Named {
  year: number;
  organiser: { code: string };
  deliverers: (Named & { code: string })[];
  classes: Named[];
  funds: { budget: Named };
  enrolments: {
    nodes: (Named & {
      teacher: Named & { unit: { code: string; parent: { code: string } } };
      decision: Named & { entries: Named[] };
    })[];
  };
}

const FINISHED = `query ($under: ID!) {
  trainingProjects(under: $under, status: CLOSED, level: CITY, first: 20) { nodes {
    id year organiser { code } deliverers { id code } classes { id } funds { budget { id } }
    enrolments(first: 20) { nodes {
      id teacher { id unit { code parent { code } } } decision { id entries { id } }
    } }
  } }
}`;

/** What there is to see in a city; another institution than `notBy` has delivered the project. */
export async function factsOf(system: System, city: string, notBy = ''): Promise<Facts | null> {
  const { data, errors } = await system.gql<{ trainingProjects: { nodes: Project[] } }>(
    FINISHED,
    { under: city },
    { persona: 'province-officer' },
  );
  if (!data) throw new Error(JSON.stringify(errors));
  for (const project of data.trainingProjects.nodes) {
    const [institution] = project.deliverers;
    const enrolment = project.enrolments.nodes.find(({ decision }) => decision?.entries.length > 0);
    const [entry] = enrolment?.decision.entries ?? [];
    const [first] = project.classes;
    if (!institution || institution.code === notBy || !enrolment || !entry || !first) continue;
    const { unit } = enrolment.teacher;
    return {
      city,
      county: unit.parent.code,
      school: unit.code,
      year: project.year,
      project: project.id,
      class: first.id,
      enrolment: enrolment.id,
      teacher: enrolment.teacher.id,
      decision: enrolment.decision.id,
      entry: entry.id,
      institution: institution.id,
      institutionCode: institution.code,
      budget: project.funds.budget.id,
    };
  }
  return null;
}
