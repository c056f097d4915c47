import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Run in a service's folder: src/**/schema.graphql → src/generated/graphql.ts.
const base = fileURLToPath(new URL('../packages/subgraph/src/base.graphql', import.meta.url));
const target = 'src/generated/graphql.ts';

function slices() {
  if (!existsSync('src')) return [];
  return readdirSync('src', { recursive: true })
    .map((name) => join('src', String(name)))
    .filter((path) => /[/\\]schema\.graphql$/.test(path))
    .sort();
}

/**
 * GraphQL type → "module#Entity", relative to the generated file. The entity is imported under
 * another name, since it often has the name of the generated type.
 */
function mappers() {
  const file = 'src/codegen-mappers.json';
  const given = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const aliased = Object.entries(given).map(([type, target]) => [
    type,
    target.includes(' as ') ? target : `${target} as ${type}Mapped`,
  ]);
  return Object.fromEntries(aliased);
}

function config() {
  return {
    federation: true,
    contextType: '@yanxiu/subgraph/context#Context',
    useTypeImports: true,
    emitLegacyCommonJSImports: false,
    importExtension: '.js',
    enumsAsTypes: true,
    enumType: 'string-literal',
    maybeValue: 'T | null',
    inputMaybeValue: 'T | null | undefined',
    strictScalars: true,
    scalars: {
      DateTime: 'Date | string',
      Date: 'string',
      Hours: 'number',
      Score: 'number',
      Money: 'number',
      JSON: 'unknown',
      _FieldSet: 'string',
      _Any: 'unknown',
    },
    mappers: mappers(),
  };
}

async function generateTypes(schema) {
  const { generate } = await import('@graphql-codegen/cli');
  const [file] = await generate(
    {
      cwd: process.cwd(),
      schema: [base, ...schema],
      silent: true,
      generates: {
        [target]: { plugins: ['typescript', 'typescript-resolvers'], config: config() },
      },
    },
    false,
  );
  mkdirSync(dirname(target), { recursive: true });
  const same = existsSync(target) && readFileSync(target, 'utf8') === file.content;
  if (!same) writeFileSync(target, file.content);
}

const schema = slices();
if (schema.length > 0) {
  try {
    await generateTypes(schema);
  } catch (error) {
    const causes = error instanceof AggregateError ? error.errors : [error];
    for (const cause of causes) console.error(`codegen: ${cause.message}`);
    process.exit(1);
  }
}
