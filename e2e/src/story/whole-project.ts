import { readFile } from 'node:fs/promises';
import type { World } from './world.js';

const EXAMPLE = new URL('../../../examples/01-project.graphql', import.meta.url);

interface Participant {
  teacher: { id: string; name: string; hours: object };
  status: string;
  decision: object;
}

export interface WholeProject {
  enrolments: { nodes: Participant[] };
  [field: string]: unknown;
}

/** Step 10: one query that all five subgraphs answer. */
export async function wholeProject(world: World): Promise<WholeProject> {
  const example = await readFile(EXAMPLE, 'utf8');
  const selection = example.slice(example.indexOf('fragment WholeProject'));
  const { trainingProject } = await world.ask<{ trainingProject: WholeProject }>(
    `query Project($id: ID!, $year: Int!) { trainingProject(id: $id) { ...WholeProject } }
     ${selection}`,
    { id: world.plot.projectId, year: 2025 },
    world.cityOfficer,
  );
  return trainingProject;
}

const VOLATILE = /^(id|.*Id|at|.*At|since|statusSince|deadline|code)$/;

/** The end state by natural keys: what two runs of the story must share. */
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(canonical).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !VOLATILE.test(key))
      .map(([key, each]) => [key, canonical(each)]),
  );
}
