import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { FIRST_HASH_KEY } from '@yanxiu/subgraph/keyring';
import { newKey, writeKeyring } from './keys/keyring-file.js';

/** The keyring of a service in the data folder, made on the first run; mode 0600. */
export const ensureKeyring = async (dataDir: string, service: string): Promise<string> => {
  const folder = path.join(dataDir, 'keys');
  const file = path.join(folder, `${service}.json`);
  if (await stat(file).catch(() => undefined)) return file;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeKeyring(file, {
    ...{ active: 'k1', keys: { k1: newKey() } },
    ...{ activeHash: FIRST_HASH_KEY, hashKeys: { [FIRST_HASH_KEY]: newKey() } },
  });
  return file;
};
