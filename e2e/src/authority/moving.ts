import type { World } from '../story/world.js';

export const YEAR = 2026;

export interface Named {
  id: string;
}

export interface Decided extends Named {
  entries: Named[];
}

/** A teacher with hours of this year, and a school of another county that takes her. */
export interface Moving {
  teacher: string;
  stage: string;
  from: { county: string; school: string };
  to: { county: string; school: string };
  project: string;
  class: string;
  enrolment: string;
  decision: string;
  entry: string;
}

interface Enrolled extends Named {
  class: Named;
  project: Named;
  teacher: Named & { stage: string; unit: { code: string; parent: { code: string } } };
  decision: Decided | null;
}

const FINISHED = `query ($city: ID!) {
  trainingProjects(under: $city, status: CLOSED, level: CITY, year: ${YEAR}, first: 20) { nodes {
    enrolments(first: 50) { nodes {
      id class { id } project { id } decision { id entries { id } }
      teacher { id stage unit { code parent { code } } }
    } }
  } }
}`;

/** Somebody who took part in a project of the city, and a school where somebody else did. */
export async function movingTeacher(world: World, city = '', token: string): Promise<Moving> {
  const { trainingProjects } = await world.ask<{
    trainingProjects: { nodes: { enrolments: { nodes: Enrolled[] } }[] };
  }>(FINISHED, { city }, token);
  const all = trainingProjects.nodes.flatMap(({ enrolments }) => enrolments.nodes);
  for (const { id, teacher, decision, ...enrolled } of all) {
    const [entry] = decision?.entries ?? [];
    const from = { county: teacher.unit.parent.code, school: teacher.unit.code };
    const other = all.find(
      ({ teacher: { stage, unit } }) =>
        stage === teacher.stage && unit.parent.code !== from.county && unit.parent.code !== city,
    );
    if (!decision || !entry || !other || from.county === city) continue;
    const to = { county: other.teacher.unit.parent.code, school: other.teacher.unit.code };
    return {
      ...{ teacher: teacher.id, stage: teacher.stage, from, to, enrolment: id, entry: entry.id },
      ...{ decision: decision.id, project: enrolled.project.id, class: enrolled.class.id },
    };
  }
  throw new Error(`no teacher of ${city} with hours who could go to another county`);
}
