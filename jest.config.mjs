import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));

/** TypeScript through swc; `decoratorMetadata` stays off, so columns name their types. */
function swc(tsx) {
  return [
    '@swc/jest',
    {
      swcrc: false,
      sourceMaps: 'inline',
      jsc: {
        target: 'es2023',
        parser: { syntax: 'typescript', decorators: true, tsx },
        transform: {
          legacyDecorator: true,
          decoratorMetadata: false,
          react: { runtime: 'automatic' },
        },
      },
    },
  ];
}

const tiers = ['db', 'kafka', 'e2e', 'browser'];

const shared = {
  rootDir: root,
  roots: ['packages', 'services', 'gateway', 'e2e', 'scripts', 'infra']
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder)),
  testEnvironment: 'node',
  // `development` makes workspace packages resolve to their src instead of dist.
  testEnvironmentOptions: { customExportConditions: ['development', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'tsx', 'json', 'node'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '\\.ts$': swc(false), '\\.tsx$': swc(true) },
  modulePathIgnorePatterns: ['/dist/', '/infra/kafka/target/', '/scripts/lint-fixtures/'],
};

/** One tier of tests; `postgres` gives it TEST_POSTGRES_URL, `seeded` TEST_SEEDED_DIR. */
function tier(displayName, testMatch, { timeout, postgres = false, seeded = false, ignore = [] }) {
  return {
    ...shared,
    displayName,
    testMatch,
    globals: { tierTimeout: timeout },
    setupFilesAfterEnv: [join(root, 'scripts/jest-timeout.mjs')],
    testPathIgnorePatterns: ['/node_modules/', '/dist/', ...ignore],
    ...(postgres && {
      globalSetup: join(root, 'scripts/jest-postgres-setup.mjs'),
      globalTeardown: join(root, 'scripts/jest-postgres-teardown.mjs'),
    }),
    ...(seeded && {
      globalSetup: join(root, 'scripts/jest-seeded-setup.mjs'),
      globalTeardown: join(root, 'scripts/jest-seeded-teardown.mjs'),
    }),
  };
}

export default {
  watchman: false,
  projects: [
    tier('unit', ['**/*.test.ts', '**/*.test.tsx'], {
      timeout: 20_000,
      ignore: tiers.map((name) => `\\.${name}\\.test\\.ts$`),
    }),
    tier('db', ['**/*.db.test.ts'], { timeout: 60_000, postgres: true }),
    tier('kafka', ['**/*.kafka.test.ts'], { timeout: 120_000, postgres: true }),
    tier('e2e', ['<rootDir>/e2e/src/**/*.e2e.test.ts'], { timeout: 1_800_000, seeded: true }),
    tier('browser', ['**/*.browser.test.ts'], { timeout: 180_000 }),
  ],
};
