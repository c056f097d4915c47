import { stat } from 'node:fs/promises';
import path from 'node:path';
import { mintToken, personaClaims, type Claims } from '@yanxiu/subgraph/local-issuer';
import { UserError } from './data-lock.js';
import { dataFolder, type Env } from './up-config.js';

export interface TokenOptions {
  org?: string;
  n?: number;
  ttl?: number;
  /** Another teacher's id, for the persona `teacher`. */
  teacher?: string;
}

const claimsOf = async (
  dataDir: string,
  persona: string,
  options: TokenOptions,
): Promise<Claims> => {
  const { org, n, teacher } = options;
  const claims = await personaClaims(dataDir, persona, {
    ...(org !== undefined && { org }),
    ...(n !== undefined && { n }),
  });
  if (teacher === undefined) return claims;
  if (claims.role !== 'TEACHER') {
    throw new UserError(`--teacher is for the persona "teacher", not "${persona}"`);
  }
  return { ...claims, sub: teacher, teacher };
};

/** A token of the local issuer for a persona. */
export const personaToken = async (
  persona: string,
  options: TokenOptions,
  env: Env,
): Promise<string> => {
  if (env['OIDC_ISSUER'] || env['YANXIU_MODE'] === 'production') {
    throw new UserError(
      'there is no local issuer here (OIDC_ISSUER or YANXIU_MODE=production is set): get the ' +
        'token from your OIDC issuer',
    );
  }
  const dataDir = dataFolder(env);
  if (!(await stat(path.join(dataDir, 'issuer')).catch(() => undefined))) {
    throw new UserError(
      `there is no platform in ${dataDir} yet: run "npm start" first, or set YANXIU_DATA_DIR`,
    );
  }
  const claims = await claimsOf(dataDir, persona, options);
  return mintToken(dataDir, claims, {
    ...(options.ttl !== undefined && { ttlSeconds: options.ttl }),
    ...(env['OIDC_AUDIENCE'] && { audience: env['OIDC_AUDIENCE'] }),
  });
};
