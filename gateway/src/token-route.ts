import {
  mintToken,
  PersonaError,
  personaClaims,
  readPersonas,
} from '@yanxiu/subgraph/local-issuer';
import { withoutNumbers } from '@yanxiu/subgraph/person/note';
import express, { Router } from 'express';
import type { RequestHandler } from 'express';
import type { GatewayConfig } from './config.js';
import { sameOriginJson, sendError } from './guards.js';

interface TokenRequest {
  readonly persona: string;
  readonly org?: string;
  readonly n?: number;
}

/** `/auth/*`: personas and their tokens. Mounted only while the local issuer is in force. */
export function tokenRoutes(config: GatewayConfig): Router {
  const router = Router();
  router.get('/personas', async (_req, res) => {
    const directory = await readPersonas(config.dataDir);
    res.set('cache-control', 'no-store').json(directory?.personas ?? []);
  });
  router.post('/token', sameOriginJson, express.json({ limit: 4096 }), giveToken(config));
  return router;
}

function giveToken(config: GatewayConfig): RequestHandler {
  return async (req, res) => {
    const asked = readRequest(req.body);
    if (asked === null) {
      sendError(res, 400, 'BAD_USER_INPUT', 'give {"persona": name, "org"?: code, "n"?: number}');
      return;
    }
    try {
      const claims = await personaClaims(config.dataDir, asked.persona, asked);
      const token = await mintToken(config.dataDir, claims, { audience: config.audience });
      res.set('cache-control', 'no-store').json({ token, claims });
    } catch (error) {
      if (!(error instanceof PersonaError)) throw error;
      sendError(res, 400, 'BAD_USER_INPUT', withoutNumbers(error.message));
    }
  };
}

function readRequest(body: unknown): TokenRequest | null {
  if (typeof body !== 'object' || body === null) return null;
  const { persona, org, n }: { persona?: unknown; org?: unknown; n?: unknown } = body;
  if (typeof persona !== 'string') return null;
  if (org !== undefined && typeof org !== 'string') return null;
  if (n !== undefined && typeof n !== 'number') return null;
  return { persona, ...(org === undefined ? {} : { org }), ...(n === undefined ? {} : { n }) };
}
