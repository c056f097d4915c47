// Writes `.env`, the keyrings and the gateway's key pair for docker-compose.yml, once:
// node infra/make-secrets.mjs [FOLDER]
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newGatewayKey } from './gateway-key.mjs';

const services = ['personnel', 'training', 'hours', 'funding', 'evaluation'];
const folder = process.argv[2] ?? fileURLToPath(new URL('../', import.meta.url));

const password = () => randomBytes(24).toString('hex');
const key = () => randomBytes(32).toString('base64');

function environment() {
  const roles = services.flatMap((name) =>
    ['OWNER', 'APP'].map((role) => `${name.toUpperCase()}_${role}_PASSWORD=${password()}`),
  );
  return [
    '# Secrets of this installation: keep a copy with the backups, never in version control.',
    'OIDC_ISSUER=',
    'OIDC_AUDIENCE=yanxiu',
    `POSTGRES_PASSWORD=${password()}`,
    ...roles,
    `KAFKA_CLUSTER_ID=${randomBytes(16).toString('base64url')}`,
  ];
}

const gateway = newGatewayKey();
const envFile = join(folder, '.env');
const secrets = join(folder, 'infra/secrets');
const files = [
  [envFile, `${environment().join('\n')}\n`],
  ...['personnel', 'evaluation'].map((name) => [
    join(secrets, `${name}.keyring.json`),
    `${JSON.stringify({ active: 'k1', keys: { k1: key() }, activeHash: 'h1', hashKeys: { h1: key() } }, null, 2)}\n`,
  ]),
  [join(secrets, 'gateway.key.json'), `${JSON.stringify(gateway.privateJwk, null, 2)}\n`],
  [
    join(secrets, 'gateway.jwks.json'),
    `${JSON.stringify({ keys: [gateway.publicJwk] }, null, 2)}\n`,
  ],
];
const there = files.map(([file]) => file).filter((file) => existsSync(file));
if (there.length > 0) {
  console.error(`Nothing written: there is already ${there.join(', ')}`);
  process.exit(1);
}
mkdirSync(secrets, { recursive: true, mode: 0o700 });
for (const [file, text] of files) writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
console.log(`Written: ${files.map(([file]) => file).join(', ')}\nNow set OIDC_ISSUER in .env.`);
