import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunState } from '../run-file.js';
import { personaToken } from '../token.js';
import { dataFolder, type Env } from '../up-config.js';
import { GatewayClient } from './gateway-client.js';
import { ImportError } from './import-error.js';
import type { Surroundings } from './import-rows.js';
import type { Lang } from './text.js';

/** Where the gateway is and who asks it. */
export interface ConnectOptions {
  url?: string;
  token?: string;
  persona?: string;
  org?: string;
  lang?: Lang;
}

/** A client of the gateway, as the officer whose token or persona is given. */
export const connect = async (
  options: ConnectOptions,
  { stderr, clock, env }: Surroundings,
): Promise<GatewayClient> => {
  const lang = options.lang ?? 'en';
  return new GatewayClient({
    url: await endpointOf(options.url, env),
    token: await tokenOf(options, env),
    lang,
    clock,
    onRetry: (why) => {
      const again = { zh: '正在重试……', en: 'trying again …' };
      stderr.write(`${why[lang]}; ${again[lang]}\n`);
    },
  });
};

/** The token that is given, or one of the persona. */
export const tokenOf = async (options: ConnectOptions, env: Env): Promise<string> => {
  const { persona = 'county-officer', org } = options;
  const given = options.token?.trim();
  return given || personaToken(persona, org === undefined ? {} : { org }, env);
};

/** The gateway that is named, or that runs on this data folder, or the usual one. */
export const endpointOf = async (given: string | undefined, env: Env): Promise<string> => {
  const running = await runningGateway(dataFolder(env));
  const text = given ?? running ?? `http://127.0.0.1:${env['PORT'] || 4000}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new ImportError(`--url ${text} 不是网址。`, `--url ${text} is no http address`);
  }
  if (url.pathname === '/') url.pathname = '/graphql';
  return url.href;
};

const runningGateway = async (dataDir: string): Promise<string | undefined> => {
  try {
    const state: unknown = JSON.parse(await readFile(path.join(dataDir, 'run.json'), 'utf8'));
    const { gateway } = state as Partial<RunState>;
    return gateway && (gateway.url ?? `http://127.0.0.1:${gateway.port}`);
  } catch {
    return undefined;
  }
};
