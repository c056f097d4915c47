import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Supergraph } from '@apollo/federation-internals';
import {
  getOperationAST,
  GraphQLError,
  parse,
  print,
  separateOperations,
  Source,
  validate,
} from 'graphql';
import { root, supergraphFile } from './supergraph.mjs';

const manifestFile = join(root, 'gateway/operations/manifest.json');

/** Every `.graphql` of a client's folder, and the examples, which the explorer sends as such. */
function sources() {
  const clients = readdirSync(join(root, 'gateway/operations'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `gateway/operations/${name}`);
  return [...clients, 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((file) => file.endsWith('.graphql'))
      .sort()
      .map((file) => `${folder}/${file}`),
  );
}

/** The operations of a file, each a document of its own with the fragments that it spreads. */
function operationsOf(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const separate = separateOperations(parse(new Source(text, file)));
  return Object.values(separate).map((document) => {
    const operation = getOperationAST(document);
    if (!operation.name) throw new Error(`${file}: an operation of a client has a name`);
    const body = print(document);
    const id = createHash('sha256').update(body).digest('hex');
    return { id, name: operation.name.value, type: operation.operation, body, file, document };
  });
}

function problemsOf(operations, schema) {
  const invalid = operations.flatMap(({ document, file, name }) =>
    validate(schema, document).map(({ message }) => `${file}: ${name}: ${message}`),
  );
  const sent = new Set(
    operations.flatMap(({ document }) =>
      getOperationAST(document).selectionSet.selections.map((field) => field.name.value),
    ),
  );
  const unused = Object.keys(schema.getMutationType().getFields()).filter(
    (name) => !sent.has(name),
  );
  return [
    ...invalid,
    ...unused.map(
      (name) =>
        `no client sends ${name}: add its operation to gateway/operations/web/, or nobody can ` +
        'use it where FREE_QUERIES=analysts',
    ),
  ];
}

/** The format that Apollo's clients and tools read and write. */
function manifestOf(operations) {
  const byId = new Map(
    operations.map(({ id, name, type, body }) => [id, { id, name, type, body }]),
  );
  const ordered = [...byId.values()].sort(
    (a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id),
  );
  const about = { format: 'apollo-persisted-query-manifest', version: 1 };
  return `${JSON.stringify({ ...about, operations: ordered }, null, 2)}\n`;
}

function run() {
  const schema = Supergraph.build(readFileSync(supergraphFile, 'utf8'))
    .apiSchema()
    .toGraphQLJSSchema();
  const operations = sources().flatMap(operationsOf);
  const problems = problemsOf(operations, schema);
  if (problems.length > 0) throw new Error(problems.map((line) => `- ${line}`).join('\n'));
  const manifest = manifestOf(operations);
  if (!process.argv.includes('--check')) writeFileSync(manifestFile, manifest);
  else if (readFileSync(manifestFile, 'utf8') !== manifest) {
    throw new Error('gateway/operations/manifest.json is old: npm run operations, and commit it');
  }
  console.log(`${operations.length} operations of clients are valid`);
}

try {
  run();
} catch (error) {
  console.error(error instanceof GraphQLError ? String(error) : error.message);
  process.exitCode = 1;
}
