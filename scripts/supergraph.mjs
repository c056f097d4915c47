import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'graphql';
import { tsImport } from 'tsx/esm/api';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const supergraphFile = join(root, 'gateway/supergraph.graphql');
export const services = ['evaluation', 'funding', 'hours', 'personnel', 'training'];

/** Composes the services' SDL, read by the loader that they run with; throws an Error to show. */
export async function composeSupergraph() {
  const { serviceSdl } = await tsImport('../packages/subgraph/src/sdl.ts', import.meta.url);
  const { commonSdl } = await tsImport('../packages/subgraph/src/service-sdl.ts', import.meta.url);
  const definitions = services.map((name) => {
    const source = join(root, 'services', name, 'src');
    if (!existsSync(source)) throw new Error(`${source} does not exist`);
    try {
      const typeDefs = parse(`${serviceSdl(source)}\n${commonSdl(name)}`);
      return { name, typeDefs, url: `http://${name}.invalid/graphql` };
    } catch (error) {
      throw new Error(`services/${name}: ${error.message}`, { cause: error });
    }
  });
  const problems = await accessProblemsOf(definitions);
  if (problems.length > 0) throw new Error(problems.map((line) => `- ${line}`).join('\n'));
  const { errors, supergraphSdl } = composeServices(definitions);
  if (errors?.length) throw new Error(errors.map((error) => `- ${error.message}`).join('\n'));
  return `${supergraphSdl.trimEnd()}\n`;
}

/** Types without an `@access`, and those that two services put into different classes. */
export async function accessProblemsOf(definitions) {
  const guard = await tsImport('../packages/subgraph/src/access-guard.ts', import.meta.url);
  const classes = new Map();
  return definitions.flatMap(({ name, typeDefs }) => {
    const schema = buildSubgraphSchema({ typeDefs });
    const differing = [...guard.classesOf(schema)].flatMap(([type, data]) => {
      const first = classes.get(type) ?? { name, data };
      classes.set(type, first);
      if (first.data === data) return [];
      return [`${type} is ${data} in ${name} and ${first.data} in ${first.name}: make them one`];
    });
    return [...guard.accessProblems(schema).map((line) => `${name}: ${line}`), ...differing];
  });
}
