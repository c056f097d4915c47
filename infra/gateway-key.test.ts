import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CredentialSigner, CredentialVerifier } from '@yanxiu/subgraph/gateway-credential';

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

let folder = '';
let secrets = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yanxiu-gateway-key-'));
  secrets = join(folder, 'infra/secrets');
  execFileSync(process.execPath, [script('make-secrets.mjs'), folder], { stdio: 'ignore' });
});
afterAll(() => rmSync(folder, { recursive: true }));

const step = (name: string): void => {
  execFileSync(process.execPath, [script('gateway-key.mjs'), name, secrets]);
};
/** What a gateway that reads its key now would show. */
const sign = async (): Promise<string> =>
  (await CredentialSigner.open(join(secrets, 'gateway.key.json'))).credentialFor('hours');

it('exchanges the key of a running gateway without a moment of refusal', async () => {
  const verifier = await CredentialVerifier.open(join(secrets, 'gateway.jwks.json'), 'hours');
  const [first, unseen] = [await sign(), await sign()];
  expect(await verifier.accepts(first)).toBe(true);
  step('add');
  expect(await verifier.accepts(await sign())).toBe(true);
  step('use');
  const second = await sign();
  expect(await verifier.accepts(second)).toBe(true);
  expect(statSync(join(secrets, 'gateway.key.json')).mode & 0o777).toBe(0o600);
  step('drop');
  expect(await verifier.accepts(await sign())).toBe(true);
  const fresh = await CredentialVerifier.open(join(secrets, 'gateway.jwks.json'), 'hours');
  expect(await fresh.accepts(unseen)).toBe(false);
  expect(await fresh.accepts(second)).toBe(true);
});

it('says how it is called', () => {
  const { status, stderr } = spawnSync(process.execPath, [script('gateway-key.mjs'), 'now']);
  expect([status, String(stderr)]).toEqual([2, expect.stringContaining('add|use|drop')]);
});
