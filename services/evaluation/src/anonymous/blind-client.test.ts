import { createPublicKey, createPrivateKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { RSABSSA } from '@cloudflare/blindrsa-ts';
import { newBlindedToken } from './blind-client.js';
import { blindSign, newKeyPair, verifyToken } from './blind-signature.js';

const keyPair = async () => {
  const pem = await newKeyPair();
  return {
    publicKey: createPublicKey(pem.publicKey),
    privateKey: createPrivateKey(pem.privateKey),
  };
};

const forLibrary = (key: ReturnType<typeof createPublicKey>) =>
  crypto.subtle.importKey(
    'spki',
    key.export({ type: 'spki', format: 'der' }),
    { name: 'RSA-PSS', hash: 'SHA-384' },
    true,
    ['verify'],
  );

const suite = RSABSSA.SHA384.PSS.Randomized();

describe('the blind signature', () => {
  it("is one that the library's client unblinds and both verify", async () => {
    const keys = await keyPair();
    const publicKey = await forLibrary(keys.publicKey);
    const prepared = suite.prepare(randomBytes(32));
    const { blindedMsg, inv } = await suite.blind(publicKey, prepared);
    const blindSignature = blindSign(keys, Buffer.from(blindedMsg));
    const signature = await suite.finalize(publicKey, prepared, blindSignature ?? inv, inv);
    expect(verifyToken(keys.publicKey, Buffer.from(prepared), Buffer.from(signature))).toBe(true);
    const other = await keyPair();
    expect(verifyToken(other.publicKey, Buffer.from(prepared), Buffer.from(signature))).toBe(false);
  });

  it('refuses what is not below the modulus, too short or nought', async () => {
    const keys = await keyPair();
    for (const bad of [Buffer.alloc(256, 0xff), Buffer.alloc(255, 1), Buffer.alloc(256)]) {
      expect(blindSign(keys, bad)).toBeNull();
    }
  });
});

describe("the generator's client", () => {
  it('makes tokens that the library verifies, each blinded differently', async () => {
    const keys = await keyPair();
    const publicKey = await forLibrary(keys.publicKey);
    const seen = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      const token = newBlindedToken(keys.publicKey);
      const blindSignature = blindSign(keys, token.blindedMessage);
      const signature = token.unblind(blindSignature ?? Buffer.alloc(256));
      const prepared = Buffer.concat([token.messageRandomizer, token.message]);
      expect(await suite.verify(publicKey, signature, prepared)).toBe(true);
      expect(verifyToken(keys.publicKey, prepared, signature)).toBe(true);
      seen.add(token.blindedMessage.toString('hex'));
    }
    expect(seen.size).toBe(20);
  });
});
