// The key pair by which subgraphs know the gateway, and its exchange in three steps
// (docs/operations.md): node infra/gateway-key.mjs add|use|drop [FOLDER]
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A new Ed25519 pair as JWKs; `kid` is the thumbprint of RFC 7638. */
export function newGatewayKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { crv, kty, x } = publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
  const about = { kid, alg: 'EdDSA', use: 'sig' };
  return {
    privateJwk: { ...privateKey.export({ format: 'jwk' }), ...about },
    publicJwk: { crv, kty, x, ...about },
  };
}

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** In place, so that a container which has the file mounted sees it. */
const write = (file, content) =>
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });

const steps = {
  /** The subgraphs take a second key; the gateway still signs with the first. */
  add({ jwks, next }) {
    const { privateJwk, publicJwk } = newGatewayKey();
    write(next, privateJwk);
    write(jwks, { keys: [...read(jwks).keys, publicJwk] });
  },
  /** The gateway signs with the second, within 30 s. */
  use({ key, next }) {
    write(key, read(next));
    rmSync(next);
  },
  /** The subgraphs take the gateway's present key alone. */
  drop({ key, jwks }) {
    const { kid } = read(key);
    write(jwks, { keys: read(jwks).keys.filter((one) => one.kid === kid) });
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , step, folder = fileURLToPath(new URL('secrets', import.meta.url))] = process.argv;
  const run = steps[step];
  if (!run) {
    console.error('usage: node infra/gateway-key.mjs add|use|drop [FOLDER]');
    process.exit(2);
  }
  const file = (name) => join(folder, name);
  run({
    key: file('gateway.key.json'),
    next: file('gateway.key.next.json'),
    jwks: file('gateway.jwks.json'),
  });
}
