import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { parseKeyring, type KeyringFile } from '@yanxiu/subgraph/keyring';
import { UserError } from '../data-lock.js';

export type KeyKind = 'SEAL' | 'HASH';

export const newKey = (): string => randomBytes(32).toString('base64');

export const readKeyring = async (file: string): Promise<KeyringFile> => {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UserError(`there is no keyring at ${file}`);
  });
  return parseKeyring(text);
};

/** Puts the file in place at once, so that nobody reads half of it; mode 0600. */
export const writeKeyring = async (file: string, keyring: KeyringFile): Promise<void> => {
  const next = `${file}.new`;
  try {
    await writeFile(next, `${JSON.stringify(keyring, null, 2)}\n`, { mode: 0o600 });
    await chmod(next, 0o600);
    await rename(next, file);
  } catch (error) {
    await rm(next, { force: true }).catch(() => undefined);
    const { code } = error as { code?: string };
    throw new UserError(
      `${file} cannot be written here (${code}): change the keyring where it comes from, then ` +
        'run "yanxiu keys reseal"',
    );
  }
};

/** A keyring with a new active key; the former ones stay and are accepted. */
export const withNewKey = (keyring: KeyringFile, kind: KeyKind): [KeyringFile, string] => {
  const { keys, hashKeys } = keyring;
  const id = nextId(kind === 'SEAL' ? keys : hashKeys, kind === 'SEAL' ? 'k' : 'h');
  return kind === 'SEAL'
    ? [{ ...keyring, active: id, keys: { ...keys, [id]: newKey() } }, id]
    : [{ ...keyring, activeHash: id, hashKeys: { ...hashKeys, [id]: newKey() } }, id];
};

/** A keyring without a former key, of whichever kind it is. */
export const withoutKey = (keyring: KeyringFile, id: string): KeyringFile => {
  const without = (keys: Record<string, string>) =>
    Object.fromEntries(Object.entries(keys).filter(([each]) => each !== id));
  return { ...keyring, keys: without(keyring.keys), hashKeys: without(keyring.hashKeys) };
};

const nextId = (keys: Record<string, string>, letter: string): string => {
  const numbers = Object.keys(keys).map((id) => Number(/^[kh](\d+)$/.exec(id)?.[1] ?? 0));
  return `${letter}${Math.max(0, ...numbers) + 1}`;
};
