import { describe, expect, it } from '@jest/globals';
import { ConfigError, hasLocalIssuer, readConfig, SUBGRAPHS } from './config.js';

const urls = Object.fromEntries(
  SUBGRAPHS.map((name, index) => [
    `SUBGRAPH_URL_${name.toUpperCase()}`,
    `http://127.0.0.1:${5001 + index}/graphql`,
  ]),
);

describe('the configuration of the gateway', () => {
  it('has defaults for everything but the subgraphs', () => {
    const config = readConfig(urls);
    expect(config).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      mode: 'local',
      audience: 'yanxiu',
      redisUrl: null,
      logLevel: 'info',
      freeQueries: 'everyone',
    });
    expect(config.subgraphUrls['hours']).toBe('http://127.0.0.1:5003/graphql');
    expect(hasLocalIssuer(config)).toBe(true);
  });

  it('lets everyone ask freely in local mode only, unless it is told otherwise', () => {
    const production = {
      ...{ ...urls, YANXIU_MODE: 'production', OIDC_ISSUER: 'https://id.example' },
      GATEWAY_KEY_FILE: 'key.json',
    };
    expect(readConfig(production).freeQueries).toBe('analysts');
    expect(readConfig({ ...production, FREE_QUERIES: 'everyone' }).freeQueries).toBe('everyone');
    expect(() => readConfig({ ...urls, FREE_QUERIES: 'officers' })).toThrow(
      'FREE_QUERIES is "officers": set one of everyone, analysts',
    );
  });

  it('takes an OIDC issuer in the place of the local one', () => {
    const config = readConfig({ ...urls, OIDC_ISSUER: 'https://id.example', OIDC_AUDIENCE: 'y' });
    expect(config).toMatchObject({ oidcIssuer: 'https://id.example', audience: 'y' });
    expect(config.oidcRoles).toBe('assignments');
    expect(hasLocalIssuer(config)).toBe(false);
  });

  it.each([
    [{ PORT: '70000' }, 'PORT is "70000"'],
    [{ PORT: 'x' }, 'PORT is "x"'],
    [{ YANXIU_MODE: 'prod' }, 'YANXIU_MODE is "prod": set one of local, production'],
    [{ YANXIU_MODE: 'production' }, 'OIDC_ISSUER is not set'],
    [{ YANXIU_MODE: 'production' }, 'GATEWAY_KEY_FILE is not set'],
    [{ HOST: '0.0.0.0' }, 'HOST is "0.0.0.0"'],
    [{ REDIS_URL: 'localhost:6379' }, 'REDIS_URL is not a URL: set redis://'],
    [{ OIDC_ISSUER: 'nonsense' }, 'OIDC_ISSUER is not a URL'],
    [{ OIDC_ISSUER: 'http://id.example' }, 'OIDC_ISSUER is not https'],
    [{ OIDC_ROLES: 'both' }, 'OIDC_ROLES is "both": set one of assignments, claims'],
    [{ SUBGRAPH_URL_HOURS: '' }, 'SUBGRAPH_URL_HOURS is not set'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL is "loud"'],
  ])('refuses %j by name', (wrong, message) => {
    const read = (): unknown => readConfig({ ...urls, ...wrong });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(message);
  });

  it('names everything that is wrong at once', () => {
    expect(() => readConfig({ PORT: 'x' })).toThrow(/PORT[^]*PERSONNEL[^]*EVALUATION/);
  });
});
