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
  /** Hours that the teacher has claimed; made for the walk. */
  claim?: string;
  /** A leave of the teacher; made for the walk. */
  leave?: string;
  /** A parameter that the city has drafted for itself; made for the walk. */
  draft?: string;
  /** A simulation that the city has asked for; made for the walk. */
  simulation?: string;
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
    enrolments(first: 50) { nodes {
      id teacher { id unit { code parent { code } } } decision { id entries { id } }
    } }
  } }
}`;

/**
 * What there is to see in a city: of each finished project one participant of each county. Those
 * of one project come one after another.
 */
export async function factsOf(system: System, city: string): Promise<Facts[]> {
  const { data, errors } = await system.gql<{ trainingProjects: { nodes: Project[] } }>(
    FINISHED,
    { under: city },
    { persona: 'province-officer' },
  );
  if (!data) throw new Error(JSON.stringify(errors));
  return data.trainingProjects.nodes.flatMap((project) => {
    const [institution] = project.deliverers;
    const [first] = project.classes;
    const counties = new Map<string, Facts>();
    for (const { id, teacher, decision } of project.enrolments.nodes) {
      const [entry] = decision?.entries ?? [];
      if (!institution || !first || !entry) continue;
      const county = teacher.unit.parent.code;
      if (counties.has(county)) continue;
      counties.set(county, {
        city,
        county,
        school: teacher.unit.code,
        year: project.year,
        project: project.id,
        class: first.id,
        enrolment: id,
        teacher: teacher.id,
        decision: decision.id,
        entry: entry.id,
        institution: institution.id,
        institutionCode: institution.code,
        budget: project.funds.budget.id,
      });
    }
    return [...counties.values()];
  });
}
