import { Keyring } from '@yanxiu/subgraph/keyring';
import { ConfigError } from '@yanxiu/subgraph/config';

const keyrings = new Map<string, Keyring>();

/** The keyring of personal data (`KEYRING_FILE`), read once a file. */
export function personalKeyring(): Keyring {
  const file = process.env['KEYRING_FILE'];
  if (!file) {
    throw new ConfigError('KEYRING_FILE is not set; "npm start" sets it for you');
  }
  let keyring = keyrings.get(file);
  if (!keyring) keyrings.set(file, (keyring = Keyring.read(file)));
  return keyring;
}
