import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload } from 'jose';

const PROGRAM = fileURLToPath(new URL('oidc-issuer-process.mjs', import.meta.url));

export interface IssuerOptions {
  /** What it calls itself, when that is not its own address: an impostor. */
  issuer?: string;
  algorithm?: 'RS256' | 'PS256' | 'ES256';
}

/** A real OpenID Connect issuer (`oidc-provider`) in a process of its own on 127.0.0.1. */
export class OidcIssuer {
  #keys: JWK[] = [];
  #registered = 0;

  private constructor(
    /** As `OIDC_ISSUER` takes it. */
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly algorithm: string,
  ) {}

  static async start({ issuer, algorithm = 'RS256' }: IssuerOptions): Promise<OidcIssuer> {
    const args = issuer === undefined ? [] : [issuer];
    const child = fork(PROGRAM, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    const started = new OidcIssuer(url, child, algorithm);
    await started.addKey();
    return started;
  }

  /** An access token from its token endpoint; `sub` names the client that asks for it. */
  async sign(claims: JWTPayload, audience = 'yanxiu', ttlSeconds = 3_600): Promise<string> {
    const { sub = '', ...others } = claims;
    const secret = `secret-${(this.#registered += 1)}`;
    await this.#tell({
      register: {
        client_id: sub,
        client_secret: secret,
        grant_types: ['client_credentials'],
        claims: others,
        tokenAudience: audience,
        ttl: ttlSeconds,
      },
    });
    const form = { grant_type: 'client_credentials', client_id: sub, client_secret: secret };
    const response = await fetch(`${this.url}/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    const answer = (await response.json()) as { access_token?: string };
    if (answer.access_token === undefined) throw new Error(JSON.stringify(answer));
    return answer.access_token;
  }

  /** Publishes one more key, and signs with it from now on. */
  async addKey(): Promise<void> {
    const { privateKey } = await generateKeyPair(this.algorithm, { extractable: true });
    const kid = `key-${Date.now()}-${this.#keys.length + 1}`;
    this.#keys.unshift({ ...(await exportJWK(privateKey)), kid, alg: this.algorithm, use: 'sig' });
    await this.#tell({ keys: { keys: this.#keys } });
  }

  /** Takes back every key but the one that it signs with. */
  async dropOldKeys(): Promise<void> {
    this.#keys.splice(1);
    await this.#tell({ keys: { keys: this.#keys } });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill();
    await ended;
  }

  async #tell(message: object): Promise<void> {
    const done = once(this.child, 'message');
    this.child.send(message);
    await done;
  }
}

export const startOidcIssuer = (options: IssuerOptions = {}): Promise<OidcIssuer> =>
  OidcIssuer.start(options);
