import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

interface KeyringFile {
  active: string;
  keys: Record<string, string>;
  hashKey: string;
}

/** Encrypts and finds personal identifiers: AES-256-GCM with a key id, HMAC-SHA-256 for lookup. */
export class Keyring {
  readonly #active: string;
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #hashKey: Buffer;

  constructor(file: KeyringFile) {
    this.#active = file.active;
    this.#keys = new Map(
      Object.entries(file.keys).map(([id, key]) => [id, Buffer.from(key, 'base64')]),
    );
    this.#hashKey = Buffer.from(file.hashKey, 'base64');
    const sizes = [...this.#keys.values(), this.#hashKey].map((key) => key.length);
    if (!this.#keys.has(file.active) || sizes.some((size) => size !== 32)) {
      throw new Error('the keyring needs its active key, and every key as base64 of 32 bytes');
    }
  }

  static read(path: string): Keyring {
    return new Keyring(JSON.parse(readFileSync(path, 'utf8')) as KeyringFile);
  }

  /**
   * `<key id>.<iv>.<tag>.<ciphertext>` in base64url; `context` (e.g. table and column) is
   * authenticated.
   */
  encrypt(plaintext: string, context: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key(this.#active), iv);
    cipher.setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
    const parts = [iv, cipher.getAuthTag(), body].map((part) => part.toString('base64url'));
    return [this.#active, ...parts].join('.');
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

  /** Keyed hash by which an identifier is found without being readable. */
  hash(value: string): string {
    return createHmac('sha256', this.#hashKey).update(value).digest('hex');
  }

  #key(id: string): Buffer {
    const key = this.#keys.get(id);
    if (!key) throw new Error(`the keyring has no key ${id}`);
    return key;
  }
}
