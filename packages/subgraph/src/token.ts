import { readFile } from 'node:fs/promises';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import type { Identity } from './acting.js';
import { ROLES, type Role } from './actor.js';
import { unauthenticated } from './errors.js';

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

const ALGORITHMS = ['ES256', 'EdDSA', 'RS256', 'PS256'];

export async function createTokenVerifier(config: IdentityConfig): Promise<TokenVerifier> {
  const keys = await keySource(config);
  const options = {
    issuer: config.issuer,
    audience: config.audience,
    algorithms: ALGORITHMS,
    requiredClaims: ['sub', 'exp'],
  };
  return {
    async verify(authorization) {
      if (!authorization) return null;
      const [scheme, token] = authorization.split(' ');
      if (scheme?.toLowerCase() !== 'bearer' || !token) throw unauthenticated();
      let payload: JWTPayload;
      try {
        payload = (await jwtVerify(token, keys, options)).payload;
      } catch (error) {
        const expired = (error as { code?: string }).code === 'ERR_JWT_EXPIRED';
        throw expired
          ? unauthenticated('登录已过期，请重新登录。', 'The token has expired. Sign in again.')
          : unauthenticated('登录凭证无效。', 'The token is not valid here.');
      }
      return identityOf(payload, config.kind === 'local' || config.roles === 'claims');
    },
  };
}

async function keySource(config: IdentityConfig): Promise<JWTVerifyGetKey> {
  if (config.kind === 'local') {
    return createLocalJWKSet(JSON.parse(await readFile(config.jwksFile, 'utf8')) as JSONWebKeySet);
  }
  const base = config.issuer.replace(/\/$/, '');
  const response = await fetch(`${base}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(8_000),
  });
  if (!response.ok) throw new Error(`OIDC_ISSUER: discovery answered ${response.status}`);
  const { jwks_uri: jwksUri } = (await response.json()) as { jwks_uri: string };
  return createRemoteJWKSet(new URL(jwksUri));
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
