import {
  constants,
  createHash,
  generateKeyPair,
  privateDecrypt,
  publicEncrypt,
  timingSafeEqual,
  verify,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';

/** RFC 9474, section 5: SHA-384, PSS with a salt of 48 bytes, a random prefix of 32 bytes. */
export const VARIANT = 'RSABSSA-SHA384-PSS-Randomized';
export const MODULUS_BYTES = 256;
export const RANDOMIZER_BYTES = 32;
const SALT_BYTES = 48;

const makeKeyPair = promisify(generateKeyPair);

/** A key pair of one project's channel, in PEM. */
export async function newKeyPair(): Promise<{ publicKey: string; privateKey: string }> {
  return makeKeyPair('rsa', {
    modulusLength: MODULUS_BYTES * 8,
    publicExponent: 0x10001,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/**
 * BlindSign of RFC 9474 §4.3; null for what is no element below the modulus. The result is raised
 * to e again and compared: a fault in signing could otherwise give the key away.
 */
export function blindSign(
  keys: { publicKey: KeyObject; privateKey: KeyObject },
  blindedMessage: Buffer,
): Buffer | null {
  if (blindedMessage.length !== MODULUS_BYTES) return null;
  if (blindedMessage.every((byte) => byte === 0)) return null;
  const padding = constants.RSA_NO_PADDING;
  let signature: Buffer;
  try {
    signature = privateDecrypt({ key: keys.privateKey, padding }, blindedMessage);
  } catch {
    return null; // not below the modulus
  }
  const again = publicEncrypt({ key: keys.publicKey, padding }, signature);
  if (!timingSafeEqual(again, blindedMessage)) throw new Error('blind signing failed its check');
  return signature;
}

/** Whether `signature` is that of the prepared message: the randomizer, then the message. */
export function verifyToken(publicKey: KeyObject, prepared: Buffer, signature: Buffer): boolean {
  if (signature.length !== MODULUS_BYTES) return false;
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return verify('sha384', prepared, { key: publicKey, padding, saltLength: SALT_BYTES }, signature);
}

export const sha256 = (...parts: (Buffer | string)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};
