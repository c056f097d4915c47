import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A question of `examples/`, with who asks it. */
export interface Example {
  readonly name: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly persona: string | null;
}

interface Sidecar {
  readonly persona?: string;
  readonly variables?: Record<string, unknown>;
}

/** `examples/NN-name.graphql` with `NN-name.json` beside it, in order of their names. */
export async function readExamples(folder: string): Promise<Example[]> {
  const files = await list(folder);
  const names = files.filter((file) => file.endsWith('.graphql')).sort();
  return Promise.all(
    names.map(async (file) => {
      const name = file.replace(/\.graphql$/, '');
      const hasSidecar = files.includes(`${name}.json`);
      const sidecar = hasSidecar ? await readSidecar(join(folder, `${name}.json`)) : {};
      return {
        name,
        query: await readFile(join(folder, file), 'utf8'),
        variables: sidecar.variables ?? {},
        persona: sidecar.persona ?? null,
      };
    }),
  );
}

async function readSidecar(file: string): Promise<Sidecar> {
  return JSON.parse(await readFile(file, 'utf8')) as Sidecar;
}

/** The names in a folder; none when it is not there. */
export async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}
