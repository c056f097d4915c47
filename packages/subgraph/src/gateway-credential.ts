import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
  type JSONWebKeySet,
  type JWK,
} from 'jose';
import { makeKeyFolder } from './key-folder.js';

/**
 * The request header by which the gateway shows a subgraph that a request comes from it: a JWT of
 * type `yanxiu-gateway+jwt`, `iss` yanxiu-gateway, `aud` yanxiu:SUBGRAPH, for 60 s.
 */
export const CREDENTIAL_HEADER = 'x-yanxiu-gateway';

const ALGORITHM = 'EdDSA';
const TYPE = 'yanxiu-gateway+jwt';
const ISSUER = 'yanxiu-gateway';
const LIFETIME_SECONDS = 60;
/** What may be left of its life when another one is signed. */
const RENEW_MS = 30_000;
/** How far the clocks of two machines may be apart. */
const TOLERANCE_SECONDS = 5;

const audienceOf = (subgraph: string): string => `yanxiu:${subgraph}`;

/** Where the gateway finds its private JWK, and the subgraphs its public ones (a JWK set). */
export interface GatewayKeyFiles {
  readonly keyFile: string;
  readonly jwksFile: string;
}

export const gatewayKeyFiles = (dataDir: string): GatewayKeyFiles => {
  const folder = resolve(dataDir, 'gateway');
  return { keyFile: join(folder, 'private.jwk.json'), jwksFile: join(folder, 'jwks.json') };
};

/** The gateway's key pair of a data folder, made on first use. */
export async function ensureGatewayKey(dataDir: string): Promise<GatewayKeyFiles> {
  const files = gatewayKeyFiles(dataDir);
  if (await stat(files.keyFile).catch(() => undefined)) return files;
  const pair = await generateKeyPair(ALGORITHM, { extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const about = { kid: await calculateJwkThumbprint(publicJwk), alg: ALGORITHM, use: 'sig' };
  await makeKeyFolder(resolve(dataDir, 'gateway'), {
    'private.jwk.json': { ...(await exportJWK(pair.privateKey)), ...about },
    'jwks.json': { keys: [{ ...publicJwk, ...about }] },
  });
  return files;
}

interface Signed {
  readonly text: string;
  readonly expiresAt: number;
}

/** Gives the gateway's credentials, each signed once in 30 s and not once in a request. */
export class CredentialSigner {
  readonly #signed = new Map<string, Promise<Signed>>();

  private constructor(private readonly keyFile: string) {}

  /** Throws when the file holds no usable key. */
  static async open(keyFile: string): Promise<CredentialSigner> {
    const signer = new CredentialSigner(keyFile);
    await signer.#sign('none');
    return signer;
  }

  async credentialFor(subgraph: string): Promise<string> {
    const before = this.#signed.get(subgraph);
    if (before) {
      const { text, expiresAt } = await before;
      if (expiresAt - Date.now() > RENEW_MS) return text;
      // Others who waited for the same one may have asked for the next already.
      if (this.#signed.get(subgraph) !== before) return this.credentialFor(subgraph);
    }
    const signing = this.#sign(subgraph);
    this.#signed.set(subgraph, signing);
    signing.catch(() => this.#signed.delete(subgraph));
    return (await signing).text;
  }

  /** Reads the key each time, so that another one is in use within 30 s of its being put there. */
  async #sign(subgraph: string): Promise<Signed> {
    const jwk = JSON.parse(await readFile(this.keyFile, 'utf8')) as JWK;
    const now = Math.floor(Date.now() / 1000);
    const text = await new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM, kid: jwk.kid ?? '', typ: TYPE })
      .setIssuer(ISSUER)
      .setAudience(audienceOf(subgraph))
      .setIssuedAt(now)
      .setExpirationTime(now + LIFETIME_SECONDS)
      .sign(await importJWK(jwk, ALGORITHM));
    return { text, expiresAt: (now + LIFETIME_SECONDS) * 1000 };
  }
}

/** Checks the gateway's credentials for one subgraph, each once in its life. */
export class CredentialVerifier {
  /** Only what has been verified, with the end of its life. */
  readonly #verified = new Map<string, number>();

  private constructor(
    private readonly jwksFile: string,
    private readonly subgraph: string,
  ) {}

  /** Throws when the file holds no JWK set with a key. */
  static async open(jwksFile: string, subgraph: string): Promise<CredentialVerifier> {
    const verifier = new CredentialVerifier(jwksFile, subgraph);
    if ((await verifier.#keys()).keys.length === 0) throw new Error(`${jwksFile} holds no key`);
    return verifier;
  }

  /** Whether the header's text is a credential of the gateway for this subgraph, and in time. */
  async accepts(credential: string | undefined): Promise<boolean> {
    if (!credential) return false;
    const known = this.#verified.get(credential);
    if (known !== undefined && known > Date.now()) return true;
    // Read again each time: while the gateway's key is exchanged there are two in the file.
    const keys = createLocalJWKSet(await this.#keys());
    const expiresAt = await jwtVerify(credential, keys, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: ISSUER,
      audience: audienceOf(this.subgraph),
      requiredClaims: ['exp'],
      maxTokenAge: LIFETIME_SECONDS,
      clockTolerance: TOLERANCE_SECONDS,
    }).then(
      ({ payload: { iat = 0, exp = 0 } }) => Math.min(exp, iat + LIFETIME_SECONDS) * 1000,
      () => null,
    );
    if (expiresAt === null) return false;
    this.#remember(credential, expiresAt);
    return true;
  }

  #remember(credential: string, expiresAt: number): void {
    const now = Date.now();
    for (const [text, end] of this.#verified) if (end <= now) this.#verified.delete(text);
    this.#verified.set(credential, expiresAt);
  }

  async #keys(): Promise<JSONWebKeySet> {
    return JSON.parse(await readFile(this.jwksFile, 'utf8')) as JSONWebKeySet;
  }
}
