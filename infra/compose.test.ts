import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';

/** As much of a Compose file as is checked here. */
interface Compose {
  services: Record<
    string,
    {
      command?: string[];
      environment?: Record<string, string>;
      depends_on?: Record<string, { condition: string }>;
      healthcheck?: { test: string[] };
      secrets?: string[];
      volumes?: string[];
    }
  >;
  secrets: Record<string, { file: string }>;
}

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const text = read('docker-compose.yml');
const compose = parse(text, { merge: true }) as Compose;
const SERVICES = ['personnel', 'training', 'hours', 'funding', 'evaluation'];

const validator = (): ValidateFunction => {
  const schema = JSON.parse(read('infra/schemas/compose-spec.json')) as { $schema?: string };
  // It names its dialect by https, which is not that dialect's id.
  delete schema.$schema;
  return new Ajv({ allErrors: true, strict: false }).compile(schema);
};

describe('docker-compose.yml', () => {
  it('is as the Compose Specification wants it', () => {
    const validate = validator();
    validate(compose);
    expect(validate.errors).toBeNull();
    validate({ services: { one: { comand: 'x' } } });
    expect(validate.errors).not.toBeNull();
  });

  it('uses no variable that .env.example does not tell of', () => {
    const used = [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
    const told = new Set([...read('.env.example').matchAll(/^#?(\w+)=/gm)].map(([, name]) => name));
    expect(used.length).toBeGreaterThan(12);
    expect(used.filter((name) => !told.has(name))).toEqual([]);
  });

  it('gives every process of ours variables that are told, and a program that is there', () => {
    const told = read('.env.example');
    const ours = Object.entries(compose.services).filter(([, { command }]) => {
      return command?.[0] === 'node';
    });
    expect(ours).toHaveLength(SERVICES.length * 2 + 1);
    for (const [name, { command, environment = {} }] of ours) {
      const source = command?.[1]?.replace('/dist/', '/src/').replace(/\.js$/, '.ts') ?? '';
      expect([name, existsSync(join(root, source))]).toEqual([name, true]);
      const unknown = Object.keys(environment).filter((key) => !told.includes(`${key}=`));
      expect([name, unknown]).toEqual([name, []]);
      expect(environment).toMatchObject({ YANXIU_MODE: 'production' });
      expect(environment['OIDC_ISSUER']).toMatch(/^\$\{OIDC_ISSUER:\?/);
    }
  });

  it.each(SERVICES)('runs %s after its migration, without the secrets of its owner', (name) => {
    const {
      command,
      environment = {},
      depends_on: after,
      healthcheck,
    } = compose.services[name] ?? {};
    expect(command?.slice(1)).toEqual([
      `services/${name}/dist/main.js`,
      '--roles',
      'serve,relay,consume',
    ]);
    expect(after).toMatchObject({
      [`${name}-migrate`]: { condition: 'service_completed_successfully' },
      kafka: { condition: 'service_healthy' },
    });
    expect(Object.values(environment).join()).not.toContain('_owner');
    expect(healthcheck?.test.join()).toContain('/health/ready');
    const migration = compose.services[`${name}-migrate`];
    expect(migration?.command?.slice(1)).toEqual([
      `services/${name}/dist/main.js`,
      '--roles',
      'migrate',
    ]);
    expect(migration?.environment).toHaveProperty(`DATABASE_OWNER_URL_${name.toUpperCase()}`);
  });

  it('gives the gateway alone its private key, and each service the public ones', () => {
    const holders = (secret: string): string[] =>
      Object.entries(compose.services).flatMap(([name, { secrets = [] }]) =>
        secrets.includes(secret) ? [name] : [],
      );
    expect(holders('gateway-key')).toEqual(['gateway']);
    expect(holders('gateway-jwks')).toEqual(SERVICES);
    const file = '/run/secrets/gateway-';
    expect(compose.services['gateway']?.environment?.['GATEWAY_KEY_FILE']).toBe(`${file}key`);
    for (const name of SERVICES) {
      expect(compose.services[name]?.environment?.['GATEWAY_JWKS_FILE']).toBe(`${file}jwks`);
    }
  });

  it('mounts files that are there, or that make-secrets makes', () => {
    const mounted = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.filter((one) => one.startsWith('./')).map((one) => one.split(':')[0] ?? ''),
    );
    expect(mounted.map((file) => existsSync(join(root, file)))).toEqual([true]);
    const folder = mkdtempSync(join(tmpdir(), 'yanxiu-secrets-'));
    const script = join(root, 'infra/make-secrets.mjs');
    execFileSync(process.execPath, [script, folder], { stdio: 'ignore' });
    for (const { file } of Object.values(compose.secrets)) {
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    }
    const made = readFileSync(join(folder, '.env'), 'utf8');
    expect(readFileSync(join(folder, 'infra/secrets/gateway.jwks.json'), 'utf8')).not.toContain(
      '"d"',
    );
    for (const [, name] of text.matchAll(/\$\{(\w+):\?/g)) expect(made).toContain(`${name}=`);
    expect(spawnSync(process.execPath, [script, folder]).status).toBe(1);
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe(made);
    rmSync(folder, { recursive: true });
  });
});
