import path from 'node:path';
import type { Service } from '@yanxiu/contracts/topic-access';
import type { KeyResults, KeyTask } from '@yanxiu/subgraph/keys/role';
import { UserError } from '../data-lock.js';
import type { Around } from '../events/verify.js';
import { table } from '../events/table.js';
import { runServiceRole } from '../service-role.js';
import { dataFolder, type Env } from '../up-config.js';
import { readKeyring, withNewKey, withoutKey, writeKeyring } from './keyring-file.js';

export interface KeyOptions {
  json?: boolean;
}

/** The keyring of a service: the one that is named, else that of the data folder. */
export const keyringPath = (service: Service, env: Env): string =>
  env[`KEYRING_FILE_${service.toUpperCase()}`]?.trim() ||
  env['KEYRING_FILE']?.trim() ||
  path.join(dataFolder(env), 'keys', `${service}.json`);

const ask = <T extends KeyTask>(
  service: Service,
  task: T,
  around: Around,
  key?: string,
): Promise<KeyResults[T]> =>
  runServiceRole<KeyResults[T]>(
    {
      service,
      args: ['--roles', 'keys', '--keys', task, ...(key === undefined ? [] : ['--key', key])],
      label: 'rows under the new key',
      more: { KEYRING_FILE: keyringPath(service, around.env) },
    },
    around,
  );

/** `yanxiu keys status SERVICE`: what is stored under which key. */
export const showKeys = async (
  service: Service,
  { json }: KeyOptions,
  around: Around,
): Promise<number> => {
  const { keys, left } = await ask(service, 'status', around);
  const file = await readKeyring(keyringPath(service, around.env));
  const inFile = new Set([...Object.keys(file.keys), ...Object.keys(file.hashKeys)]);
  if (json) {
    around.stdout.write(`${JSON.stringify({ keys, left })}\n`);
    return 0;
  }
  const rows = keys.map(({ id, kind, active, uses }) => [
    ...[id, kind, active ? 'active' : inFile.has(id) ? 'former' : 'not in the keyring'],
    String(uses),
  ]);
  around.stdout.write(table(['key', 'kind', 'state', 'values'], rows));
  around.stdout.write(`${service}: ${left} rows are not yet under the active keys\n`);
  return 0;
};

/** `yanxiu keys rotate SERVICE [--hash]`: a new active key, and every row under it. */
export const rotateKey = async (
  service: Service,
  { hash, ...options }: KeyOptions & { hash?: boolean },
  around: Around,
): Promise<number> => {
  const file = keyringPath(service, around.env);
  const [keyring, id] = withNewKey(await readKeyring(file), hash ? 'HASH' : 'SEAL');
  await writeKeyring(file, keyring);
  around.stderr.write(`${service}: ${id} is the active ${hash ? 'hash ' : ''}key now\n`);
  return resealRows(service, options, around);
};

/** `yanxiu keys reseal SERVICE`: every row under the active keys; goes on where a run was ended. */
export const resealRows = async (
  service: Service,
  { json }: KeyOptions,
  around: Around,
): Promise<number> => {
  const result = await ask(service, 'reseal', around);
  around.stdout.write(
    json
      ? `${JSON.stringify(result)}\n`
      : `${service}: ${result.sealed} rows sealed anew, ${result.hashed} hashed anew\n`,
  );
  return 0;
};

/** `yanxiu keys retire SERVICE KEY`: takes a former key that nothing needs out of the keyring. */
export const retireKey = async (service: Service, key: string, around: Around): Promise<number> => {
  const needed = await ask(service, 'needed', around, key);
  if (needed !== null) throw new UserError(needed);
  const file = keyringPath(service, around.env);
  const keyring = await readKeyring(file);
  await writeKeyring(file, withoutKey(keyring, key));
  // A process may have sealed with it between the question and the change.
  const after = await ask(service, 'needed', around, key);
  if (after !== null) {
    await writeKeyring(file, keyring);
    throw new UserError(after);
  }
  const dropped = await ask(service, 'drop-hashes', around, key);
  around.stdout.write(`${service}: ${key} is gone, and ${dropped} hashes under it\n`);
  return 0;
};
