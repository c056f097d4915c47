import { randomBytes } from 'node:crypto';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

const key = (): string => randomBytes(32).toString('base64');

/** The keyring of a service in the data folder, made on the first run; mode 0600. */
export const ensureKeyring = async (dataDir: string, service: string): Promise<string> => {
  const folder = path.join(dataDir, 'keys');
  const file = path.join(folder, `${service}.json`);
  if (await stat(file).catch(() => undefined)) return file;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keyring = { active: 'k1', keys: { k1: key() }, hashKey: key() };
  await writeFile(`${file}.new`, `${JSON.stringify(keyring, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return file;
};
