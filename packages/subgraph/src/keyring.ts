import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** What a keyring file holds; every key is base64 of 32 bytes under an id. */
export interface KeyringFile {
  /** Id of the key that encrypts; the others only decrypt. */
  active: string;
  keys: Record<string, string>;
  /** Id of the hash key that look-up prefers; the others are accepted as well. */
  activeHash: string;
  hashKeys: Record<string, string>;
}

/** Id of the one hash key of a file in the old form, `{active, keys, hashKey}`. */
export const FIRST_HASH_KEY = 'h1';

/**
 * Reads a keyring file's text, the old form with one `hashKey` as well.
 * @throws Error that says what is wrong and never what stands in it.
 */
export function parseKeyring(text: string): KeyringFile {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new Error('the keyring is not JSON');
  }
  if (typeof given !== 'object' || given === null) throw new Error('the keyring is no JSON object');
  const { active, keys, hashKey, activeHash, hashKeys } = given as Partial<KeyringFile> & {
    hashKey?: string;
  };
  if (hashKey !== undefined && hashKeys !== undefined) {
    throw new Error('the keyring has both hashKey and hashKeys: keep hashKeys alone');
  }
  const file = {
    ...{ active: active ?? '', keys: keys ?? {} },
    ...(hashKey === undefined
      ? { activeHash: activeHash ?? '', hashKeys: hashKeys ?? {} }
      : { activeHash: FIRST_HASH_KEY, hashKeys: { [FIRST_HASH_KEY]: hashKey } }),
  };
  const all = [...Object.entries(file.keys), ...Object.entries(file.hashKeys)];
  const isKey = (key: unknown): boolean =>
    typeof key === 'string' && Buffer.from(key, 'base64').length === 32;
  if (
    !Object.hasOwn(file.keys, file.active) ||
    !Object.hasOwn(file.hashKeys, file.activeHash) ||
    all.some(([id, key]) => !/^[\w-]{1,32}$/.test(id) || !isKey(key))
  ) {
    throw new Error(
      'the keyring needs its active key and its active hash key, ids of letters and digits, and ' +
        'every key as base64 of 32 bytes',
    );
  }
  return file;
}

/** A keyed hash by which an identifier is found, with the id of its key. */
export interface KeyedHash {
  keyId: string;
  hash: string;
}

/** Encrypts and finds personal identifiers: AES-256-GCM with a key id, HMAC-SHA-256 for lookup. */
export class Keyring {
  /** Id of the key that encrypts. */
  readonly active: string;
  /** Id of the hash key that every identifier is to be found by. */
  readonly activeHash: string;
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #hashKeys: ReadonlyMap<string, Buffer>;

  constructor(file: KeyringFile) {
    const opened = (keys: Record<string, string>) =>
      new Map(Object.entries(keys).map(([id, key]) => [id, Buffer.from(key, 'base64')]));
    this.active = file.active;
    this.activeHash = file.activeHash;
    this.#keys = opened(file.keys);
    this.#hashKeys = opened(file.hashKeys);
  }

  static read(path: string): Keyring {
    return new Keyring(parseKeyring(readFileSync(path, 'utf8')));
  }

  /**
   * `<key id>.<iv>.<tag>.<ciphertext>` in base64url; `context` (e.g. table and column) is
   * authenticated.
   */
  encrypt(plaintext: string, context: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key(this.active), iv);
    cipher.setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
    const parts = [iv, cipher.getAuthTag(), body].map((part) => part.toString('base64url'));
    return [this.active, ...parts].join('.');
  }

  decrypt(sealed: string, context: string): string {
    const [id = '', iv = '', tag = '', body = ''] = sealed.split('.');
    const decipher = createDecipheriv('aes-256-gcm', this.#key(id), Buffer.from(iv, 'base64url'));
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(Buffer.from(tag, 'base64url'));
    return (
      decipher.update(Buffer.from(body, 'base64url'), undefined, 'utf8') + decipher.final('utf8')
    );
  }

  /**
   * Keyed hashes by which an identifier is found without being readable: one for each hash key,
   * that of the active one first. A new row is stored under all of them and looked up by all, so
   * that processes which have not yet, or still, another active key find each other's rows.
   */
  hashes(value: string): KeyedHash[] {
    const ids = [...this.#hashKeys.keys()].sort((a) => (a === this.activeHash ? -1 : 1));
    return ids.map((keyId) => ({ keyId, hash: this.#hash(keyId, value) }));
  }

  #hash(keyId: string, value: string): string {
    const key = this.#hashKeys.get(keyId);
    if (!key) throw new Error(`the keyring has no hash key ${keyId}`);
    return createHmac('sha256', key).update(value).digest('hex');
  }

  #key(id: string): Buffer {
    const key = this.#keys.get(id);
    if (!key) throw new Error(`the keyring has no key ${id}`);
    return key;
  }
}

const opened = new Map<string, { stamp: string; keyring: Keyring }>();

/**
 * The keyring of a file as it is now: read again whenever the file has changed, so that a running
 * process takes up a new key without a restart. A change that cannot be read is told once and
 * leaves the former keys in use.
 */
export function keyringAt(path: string): Keyring {
  const known = opened.get(path);
  const stamp = stampOf(path);
  if (known && (stamp === known.stamp || stamp === null)) return known.keyring;
  try {
    const keyring = Keyring.read(path);
    opened.set(path, { stamp: stamp ?? '', keyring });
    return keyring;
  } catch (error) {
    if (!known) throw error;
    opened.set(path, { stamp: stamp ?? '', keyring: known.keyring });
    process.emitWarning(`the keyring has changed and is not taken: ${String(error)}`);
    return known.keyring;
  }
}

function stampOf(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.mtimeMs} ${found.size} ${found.ino}` : null;
}
