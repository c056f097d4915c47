import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { keyring } from '../config.js';
import { newKeyPair } from './blind-signature.js';

/** The key pair of a project's channel. */
export interface ChannelKeys {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

/** What a sealed private key is bound to. */
export const sealContext = (projectId: string): string =>
  `anonymous_channel.sealed_private_key/${projectId}`;

/** Makes the project's key pair; the private key is stored sealed. */
export async function createChannel(manager: EntityManager, projectId: string): Promise<void> {
  const { publicKey, privateKey } = await newKeyPair();
  await manager.query(
    `INSERT INTO anonymous_channel (project_id, public_key, sealed_private_key)
     VALUES ($1, $2, $3)`,
    [projectId, publicKey, keyring().encrypt(privateKey, sealContext(projectId))],
  );
}

const MOST_KEPT = 500;
const kept = new Map<string, ChannelKeys & { pem: string }>();

/** The opened keys of a project's channel; null when it has none. Kept in memory once parsed. */
export async function channelKeys(
  manager: EntityManager,
  projectId: string,
): Promise<ChannelKeys | null> {
  const rows: { public_key: string; sealed_private_key: string }[] = await manager.query(
    'SELECT public_key, sealed_private_key FROM anonymous_channel WHERE project_id = $1',
    [projectId],
  );
  const row = rows[0];
  if (!row) return null;
  const known = kept.get(projectId);
  if (known?.pem === row.public_key) return known;
  const keys = {
    pem: row.public_key,
    publicKey: createPublicKey(row.public_key),
    privateKey: createPrivateKey(keyring().decrypt(row.sealed_private_key, sealContext(projectId))),
  };
  kept.set(projectId, keys);
  const oldest = kept.keys().next().value;
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return keys;
}
