import { constants, createHash, publicEncrypt, randomBytes, type KeyObject } from 'node:crypto';
import { MODULUS_BYTES, RANDOMIZER_BYTES } from './blind-signature.js';

/**
 * What a participant's device does (RFC 9474 §4.1, §4.2, §4.4), in native arithmetic: the library's
 * takes 30 ms a token, too much for a generated province. A test holds the two against each other.
 */
export interface BlindedToken {
  message: Buffer;
  messageRandomizer: Buffer;
  blindedMessage: Buffer;
  /** The token's signature from the blind one. */
  unblind(blindSignature: Buffer): Buffer;
}

const HASH_BYTES = 48;
const SALT_BYTES = 48;

export function newBlindedToken(publicKey: KeyObject): BlindedToken {
  const message = randomBytes(32);
  const messageRandomizer = randomBytes(RANDOMIZER_BYTES);
  const n = modulusOf(publicKey);
  const encoded = toInteger(encodePss(Buffer.concat([messageRandomizer, message])));
  const { r, inverse } = randomUnit(n);
  const padding = constants.RSA_NO_PADDING;
  const blinding = toInteger(publicEncrypt({ key: publicKey, padding }, toBytes(r)));
  return {
    message,
    messageRandomizer,
    blindedMessage: toBytes((encoded * blinding) % n),
    unblind: (blindSignature) => toBytes((toInteger(blindSignature) * inverse) % n),
  };
}

/** EMSA-PSS-ENCODE of RFC 8017 §9.1.1 for a modulus of 2048 bits. */
function encodePss(message: Buffer): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const messageHash = sha384(message);
  const hash = sha384(Buffer.alloc(8), messageHash, salt);
  const length = MODULUS_BYTES - HASH_BYTES - 1;
  const block = Buffer.alloc(length);
  block[length - SALT_BYTES - 1] = 1;
  salt.copy(block, length - SALT_BYTES);
  const mask = mgf1(hash, length);
  for (let i = 0; i < length; i += 1) block[i] = (block[i] ?? 0) ^ (mask[i] ?? 0);
  block[0] = (block[0] ?? 0) & 0x7f; // 2047 bits: the encoded message is below the modulus
  return Buffer.concat([block, hash, Buffer.from([0xbc])]);
}

function mgf1(seed: Buffer, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0; counter * HASH_BYTES < length; counter += 1) {
    const octets = Buffer.alloc(4);
    octets.writeUInt32BE(counter);
    blocks.push(sha384(seed, octets));
  }
  return Buffer.concat(blocks).subarray(0, length);
}

const sha384 = (...parts: Buffer[]): Buffer => {
  const hash = createHash('sha384');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

function randomUnit(n: bigint): { r: bigint; inverse: bigint } {
  for (;;) {
    const r = toInteger(randomBytes(MODULUS_BYTES));
    const inverse = r > 1n && r < n ? inverseOf(r, n) : null;
    if (inverse !== null) return { r, inverse };
  }
}

/** Extended Euclid; null when there is no inverse. */
function inverseOf(value: bigint, n: bigint): bigint | null {
  let [a, b, x, y] = [value, n, 1n, 0n];
  while (b > 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return a === 1n ? ((x % n) + n) % n : null;
}

const modulusOf = (key: KeyObject): bigint =>
  toInteger(Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url'));

const toInteger = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

const toBytes = (value: bigint): Buffer =>
  Buffer.from(value.toString(16).padStart(MODULUS_BYTES * 2, '0'), 'hex');
