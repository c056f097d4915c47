import { ConfigError } from '@yanxiu/subgraph/config';
import { runService } from '@yanxiu/subgraph/service';
import { personalKeyring } from './config.js';
import { service } from './subgraph.js';

try {
  // A service that could not open what it sealed must not start.
  personalKeyring();
} catch (error) {
  const reason = error instanceof ConfigError ? error.message : `KEYRING_FILE: ${String(error)}`;
  process.stderr.write(`${service.name}: ${reason}\n`);
  process.exit(1);
}
await runService(service);
