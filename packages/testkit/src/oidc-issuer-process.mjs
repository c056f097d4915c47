// An OpenID Connect issuer (npm package oidc-provider) as a process of its own, told what to do
// over its parent's channel: {register: client}, {keys: private JWK set}. See oidc-issuer.ts.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

/** Clients as they are registered; `claims`, `tokenAudience` and `ttl` are of their tokens. */
const clients = new Map();
const EXTRA = ['claims', 'tokenAudience', 'ttl'];

class Adapter {
  constructor(model) {
    this.model = model;
  }
  async find(id) {
    return this.model === 'Client' ? clients.get(id) : undefined;
  }
  async upsert() {}
  async destroy() {}
  async consume() {}
  async findByUid() {}
  async findByUserCode() {}
  async revokeByGrantId() {}
}

const RESOURCE = 'urn:yanxiu:graph';

const provide = (issuer, jwks, algorithm) =>
  new Provider(issuer, {
    adapter: Adapter,
    jwks,
    extraClientMetadata: { properties: EXTRA },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        getResourceServerInfo: (_ctx, _resource, client) => ({
          scope: '',
          audience: client.tokenAudience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: client.ttl,
          jwt: { sign: { alg: algorithm } },
        }),
      },
    },
    extraTokenClaims: (_ctx, token) => token.client.claims,
    // No client may choose RS256 for its ID tokens once the keys are of another kind.
    clientDefaults: {
      token_endpoint_auth_method: 'client_secret_post',
      id_token_signed_response_alg: algorithm,
      response_types: [],
      redirect_uris: [],
    },
  });

let callback;
const server = createServer((request, response) => callback(request, response));
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const issuer = process.argv[2] ?? url;
  process.on('message', ({ register, keys }) => {
    if (register) clients.set(register.client_id, register);
    if (keys) callback = provide(issuer, keys, keys.keys[0].alg).callback();
    process.send({ done: true });
  });
  process.send({ url });
});
process.on('disconnect', () => process.exit(0));
