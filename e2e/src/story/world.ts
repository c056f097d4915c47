import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@yanxiu/testkit/waiting';
import type { Asker, System } from '@yanxiu/testkit/system';

const CLI = fileURLToPath(new URL('../../../packages/cli/dist/main.js', import.meta.url));
const PATIENCE = { timeoutMs: 90_000, everyMs: 100 };

/** How a request was refused: its code and the rule that it breaks. */
export interface Refusal {
  code: unknown;
  rule: unknown;
}

/** Where the story happens, found in the seeded tree. */
export interface Places {
  city: string;
  counties: [string, string];
  /** One primary school of each county. */
  schools: [string, string];
  vocationalSchool: string;
  institution: { id: string; code: string; category: string };
}

/** What the story has brought about so far; later steps name it. */
export interface Plot {
  /** Names of the participants by their place in the roster: a1 … a8, b1 … b7, v1. */
  teachers: Record<string, string>;
  projectId: string;
  classId: string;
  /** Enrolment ids by teacher id. */
  enrolments: Record<string, string>;
}

/** The platform as the people of the story use it: over HTTP, each with their own token. */
export class World {
  places!: Places;
  readonly plot: Plot = { teachers: {}, projectId: '', classId: '', enrolments: {} };

  constructor(readonly system: System) {}

  /** The data of an answer; an error in it fails the test. */
  async ask<T>(query: string, variables: object = {}, asker?: Asker): Promise<T> {
    const answer = await this.system.gql<T>(query, { ...variables }, asker);
    if (answer.errors?.length || !answer.data) {
      throw new Error(`${query.trim().slice(0, 120)} …\n${JSON.stringify(answer.errors, null, 1)}`);
    }
    return answer.data;
  }

  /** How the request is refused; a request that is answered fails the test. */
  async refused(query: string, variables: object = {}, asker?: Asker): Promise<Refusal> {
    const answer = await this.system.gql(query, { ...variables }, asker);
    const first = answer.errors?.[0];
    if (!first) throw new Error(`not refused: ${JSON.stringify(answer.data)}`);
    return { code: first.extensions?.['code'], rule: first.extensions?.['rule'] };
  }

  /** Runs a mutation `name(input: …)` and gives what its payload selects. */
  async act<T>(name: string, type: string, input: object, select: string, asker: Asker) {
    const text = mutation(name, type, select);
    const data = await this.ask<Record<string, T>>(text, { input }, asker);
    return data[name] as T;
  }

  async refusedAct(name: string, type: string, input: object, select: string, asker: Asker) {
    return this.refused(mutation(name, type, select), { input }, asker);
  }

  /** Asks until the answer fits: other services react by events alone. */
  async eventually<T>(
    ask: () => Promise<T>,
    fits: (value: T) => boolean,
    what: string,
  ): Promise<T> {
    let last: T | undefined;
    await until(
      async () => {
        last = await ask();
        return fits(last);
      },
      { ...PATIENCE, message: () => `${what}; last seen: ${JSON.stringify(last)}` },
    );
    return last as T;
  }

  async projectStatus(projectId = this.plot.projectId) {
    const { trainingProject } = await this.ask<{
      trainingProject: { status: string; fundsState: string; fundsRule: string | null };
    }>(
      'query($id: ID!) { trainingProject(id: $id) { status fundsState fundsRule } }',
      { id: projectId },
      this.cityOfficer,
    );
    return trainingProject;
  }

  get cityOfficer(): Asker {
    return { persona: 'city-officer', org: this.places.city };
  }
  get provinceOfficer(): Asker {
    return { persona: 'province-officer' };
  }
  get institutionStaff(): Asker {
    return { persona: 'institution-staff', org: this.places.institution.code };
  }
  countyOfficer(index: 0 | 1): Asker {
    return { persona: 'county-officer', org: this.places.counties[index] };
  }
  coordinator(index: 0 | 1): Asker {
    return { persona: 'school-coordinator', org: this.places.schools[index] };
  }
  teacher(key: string): Asker {
    return { persona: 'teacher', teacher: this.teacherId(key) };
  }
  teacherId(key: string): string {
    const id = this.plot.teachers[key];
    if (!id) throw new Error(`the story has no teacher ${key}`);
    return id;
  }

  /** Runs the command line as an office would; resolves with its exit code and output. */
  async yanxiu(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [CLI, ...args],
        {
          env: {
            ...process.env,
            YANXIU_DATA_DIR: this.system.dataDir,
            YANXIU_CLOCK_FILE: path.join(this.system.dataDir, 'clock'),
          },
        },
        (error, stdout, stderr) => {
          const code = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
          resolve({ code, stdout, stderr });
        },
      );
    });
  }
}

const mutation = (name: string, type: string, select: string): string =>
  `mutation($input: ${type}!) { ${name}(input: $input) { ${select} } }`;
