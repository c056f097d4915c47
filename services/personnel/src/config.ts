import { keyringAt, type Keyring } from '@yanxiu/subgraph/keyring';
import { ConfigError } from '@yanxiu/subgraph/config';

/** The keyring of personal data (`KEYRING_FILE`), as the file is now. */
export function personalKeyring(): Keyring {
  const file = process.env['KEYRING_FILE'];
  if (!file) {
    throw new ConfigError('KEYRING_FILE is not set; "npm start" sets it for you');
  }
  return keyringAt(file);
}
