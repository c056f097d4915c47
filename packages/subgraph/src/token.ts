import { readFile } from 'node:fs/promises';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  type ProtectedHeaderParameters,
} from 'jose';
import type { Identity } from './acting.js';
import { ROLES, type Role } from './actor.js';
import { unauthenticated } from './errors.js';
import { discoverKeys } from './oidc-discovery.js';

/** Who issues the tokens: a local issuer of this data folder, or any OIDC issuer. */
export type IdentityConfig =
  | { kind: 'local'; issuer: string; jwksFile: string; audience: string }
  | {
      kind: 'oidc';
      issuer: string;
      audience: string;
      /** Who says what an account may act as: the registry's assignments or the issuer. */
      roles: 'assignments' | 'claims';
    };

export interface TokenVerifier {
  /**
   * Whose bearer token it is; null without a header; throws UNAUTHENTICATED when it does not hold.
   */
  verify(authorization: string | undefined): Promise<Identity | null>;
}

/** When the issuer's keys are fetched again, in milliseconds. */
export interface KeyRefresh {
  /** A key that the issuer took back is good for no longer. */
  readonly maxAgeMs: number;
  /** A token with an unknown key makes us ask, but not more often. */
  readonly cooldownMs: number;
}

export const KEY_REFRESH: KeyRefresh = { maxAgeMs: 300_000, cooldownMs: 5_000 };

/** Asymmetric ones only: with a symmetric one whoever knows the public key could sign. */
const ALGORITHMS = { local: ['ES256'], oidc: ['ES256', 'EdDSA', 'RS256', 'PS256'] };

/**
 * What a token may call itself: a JWT, or an access token (RFC 9068); some issuers say nothing.
 * A logout token, a proof of possession or the gateway's credential is none.
 */
const TYPES: readonly (string | undefined)[] = [undefined, 'jwt', 'at+jwt'];

/** How far the clocks of the issuer and of this machine may be apart. */
const CLOCK_TOLERANCE_SECONDS = 5;

/** Far above any real one; keeps the work on a bad one small. */
const LONGEST_TOKEN = 8_192;

/** Throws, saying what is wrong with OIDC_ISSUER, when the issuer cannot be used. */
export async function createTokenVerifier(
  config: IdentityConfig,
  refresh: KeyRefresh = KEY_REFRESH,
): Promise<TokenVerifier> {
  const keys = await keySource(config, refresh);
  const options = {
    issuer: config.issuer,
    audience: config.audience,
    algorithms: ALGORITHMS[config.kind],
    requiredClaims: ['sub', 'exp'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  };
  return {
    async verify(authorization) {
      if (!authorization) return null;
      const [scheme, token, ...more] = authorization.split(' ');
      if (scheme?.toLowerCase() !== 'bearer' || !token || more.length > 0) throw unauthenticated();
      if (token.length > LONGEST_TOKEN) throw invalid();
      let payload: JWTPayload;
      try {
        const verified = await jwtVerify(token, keys, options);
        checkType(verified.protectedHeader);
        payload = verified.payload;
      } catch (error) {
        const expired = (error as { code?: string }).code === 'ERR_JWT_EXPIRED';
        throw expired
          ? unauthenticated('登录已过期，请重新登录。', 'The token has expired. Sign in again.')
          : invalid();
      }
      return identityOf(payload, config.kind === 'local' || config.roles === 'claims');
    },
  };
}

const invalid = () => unauthenticated('登录凭证无效。', 'The token is not valid here.');

function checkType({ typ }: ProtectedHeaderParameters): void {
  const type = typ?.toLowerCase().replace(/^application\//, '');
  if (!TYPES.includes(type)) throw new Error(`a ${typ} is no access token`);
}

/** Keys are found here alone, by `kid`: a token's own `jku`, `x5u` and `jwk` are ignored. */
async function keySource(config: IdentityConfig, refresh: KeyRefresh): Promise<JWTVerifyGetKey> {
  if (config.kind === 'local') {
    return createLocalJWKSet(JSON.parse(await readFile(config.jwksFile, 'utf8')) as JSONWebKeySet);
  }
  return createRemoteJWKSet(await discoverKeys(config.issuer), {
    cacheMaxAge: refresh.maxAgeMs,
    cooldownDuration: refresh.cooldownMs,
    timeoutDuration: 5_000,
  });
}

function identityOf(payload: JWTPayload, claimsRole: boolean): Identity {
  const { sub, role, unit, institution, teacher } = payload as JWTPayload & Record<string, unknown>;
  if (typeof sub !== 'string' || sub === '') {
    throw unauthenticated('登录凭证缺少账号。', 'The token names no subject.');
  }
  if (!claimsRole) return { subject: sub, claims: null };
  if (typeof unit !== 'string' || !ROLES.includes(role as Role)) {
    throw unauthenticated('登录凭证缺少角色或单位。', 'The token names no role and unit.');
  }
  return {
    subject: sub,
    claims: {
      role: role as Role,
      unit,
      ...(typeof institution === 'string' && { institution }),
      ...(typeof teacher === 'string' && { teacher }),
    },
  };
}
