import tseslint from 'typescript-eslint';

const tests = ['**/*.test.ts', '**/*.test.tsx', 'packages/testkit/**', 'e2e/**', '**/testing/**'];
const tools = ['packages/cli/**', 'scripts/*', 'infra/**', 'bench/**', '*.mjs', '*.cjs'];

const length = {
  'max-lines-per-function': ['error', { max: 70 }],
  'max-len': [
    'error',
    {
      code: 100,
      ignoreStrings: true,
      ignoreUrls: true,
      ignoreTemplateLiterals: true,
      ignoreRegExpLiterals: true,
    },
  ],
};

const environment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Only config.ts reads the environment.',
};

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/generated/**',
      '**/node_modules/**',
      '.turbo/**',
      '.yanxiu/**',
      'infra/kafka/target/**',
      'scripts/lint-fixtures/**',
    ],
  },
  {
    files: ['**/*.{ts,tsx,mts}'],
    extends: [tseslint.configs.recommended],
    rules: {
      ...length,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', environment],
    },
  },
  { files: ['**/*.{mjs,cjs}'], rules: length },
  { files: ['**/config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: [...tests, ...tools],
    rules: { 'no-restricted-syntax': 'off', 'no-console': 'off' },
  },
  { files: tests, rules: { 'max-lines-per-function': 'off' } },
);
