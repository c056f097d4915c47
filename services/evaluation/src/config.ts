import { keyringAt, type Keyring } from '@yanxiu/subgraph/keyring';

/** The keyring of KEYRING_FILE, which seals the private keys of the anonymous channels. */
export function keyring(path: string | undefined = process.env['KEYRING_FILE']): Keyring {
  if (!path) throw new Error('KEYRING_FILE is not set; "npm start" sets it for you');
  return keyringAt(path);
}
