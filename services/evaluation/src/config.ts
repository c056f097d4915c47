import { Keyring } from '@yanxiu/subgraph/keyring';

let opened: { path: string; keyring: Keyring } | undefined;

/** The keyring of KEYRING_FILE, which seals the private keys of the anonymous channels. */
export function keyring(path: string | undefined = process.env['KEYRING_FILE']): Keyring {
  if (!path) throw new Error('KEYRING_FILE is not set; "npm start" sets it for you');
  if (opened?.path !== path) opened = { path, keyring: Keyring.read(path) };
  return opened.keyring;
}
