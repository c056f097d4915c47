const { join } = require('node:path');

/** The import rules of docs/architecture.md; scripts/lint-fixtures has a breach of each. */
const tests = '\\.test\\.tsx?$|/testing/';
const slice = `^services/([^/]+)/src/([^/]+)/`;

/** A folder of ours imports, of ours, only what is listed (and itself). */
function only(from, allowed) {
  const inside = [from, ...allowed].map((name) => `^packages/${name}/`);
  return {
    name: `${from}-imports-only-${allowed.join('-') || 'nothing'}`,
    severity: 'error',
    from: { path: `^packages/${from}/src/`, pathNot: tests },
    to: { path: `^(?:packages|services|gateway|e2e)/`, pathNot: inside },
  };
}

function forbid(name, from, to) {
  return { name, severity: 'error', from, to };
}

const io = [
  '/(?:commands|queries|resolvers|consumers|entity|database|config)\\.ts$',
  'node_modules/(?:typeorm|pg|kafkajs|ioredis|undici|@apollo)/',
  '^(?:node:)?(?:fs|net|http|https|child_process|dns|tls)(?:/|$)',
];

module.exports = {
  forbidden: [
    forbid('no-cycles', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
    only('contracts', []),
    only('messaging', ['contracts']),
    only('subgraph', ['contracts', 'messaging']),
    only('registry', ['contracts', 'messaging', 'subgraph']),
    only('generator', ['contracts']),
    forbid(
      'service-not-service',
      { path: `^services/([^/]+)/` },
      { path: `^services/([^/]+)/`, pathNot: `^services/$1/` },
    ),
    forbid(
      'service-not-gateway',
      { path: `^services/`, pathNot: tests },
      { path: `^(?:gateway|e2e|packages/(?:cli|generator))/` },
    ),
    forbid(
      'kafkajs-only-in-kafka',
      {
        path: `^(?:packages|services|gateway)/`,
        pathNot: [`^packages/messaging/src/kafka(?:-client|-reading)?\\.ts$`, 'packages/testkit/', tests],
      },
      { path: 'node_modules/kafkajs/' },
    ),
    forbid(
      'testkit-only-in-tests',
      {
        path: `^(?:packages|services|gateway)/`,
        pathNot: [`^packages/testkit/`, tests],
      },
      { path: `^packages/testkit/` },
    ),
    forbid(
      'rules-without-io',
      { path: `^services/.*/rules\\.ts$` },
      { path: io, dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'resolvers-without-typeorm',
      { path: `^services/.*/resolvers\\.ts$` },
      { path: 'node_modules/typeorm/' },
    ),
    forbid(
      'sibling-by-queries-or-rules',
      { path: slice, pathNot: [tests, '/src/(?:migrations|generated)/'] },
      {
        path: `^services/$1/src/[^/]+/`,
        pathNot: [
          '^services/$1/src/(?:$2|generated)/',
          '/(?:queries|rules)\\.ts$',
          // A scheme's approval moves its project in the same transaction, through this file alone.
          '^services/training/src/project/transition\\.ts$',
          // A claim that the registrar accepts is decided on in the same transaction.
          '^services/hours/src/recognition/decide\\.ts$',
        ],
        dependencyTypesNot: ['type-only'],
      },
    ),
    forbid('no-barrels', {}, { path: `^(?:packages|services|gateway|e2e)/.*/index\\.tsx?$` }),
    forbid(
      'no-common-utils-shared',
      {},
      { path: `^(?:packages|services|gateway|e2e)/.*/(?:common|utils|shared)/` },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/|/generated/|^gateway/pages/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: join(__dirname, 'tsconfig.json') },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['development', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
      mainFields: ['module', 'main'],
    },
  },
};
