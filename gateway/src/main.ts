import { createLog } from '@yanxiu/subgraph/log';
import closeWithGrace from 'close-with-grace';
import { ConfigError, readConfig } from './config.js';
import { startGateway } from './server.js';

try {
  const config = readConfig();
  const log = createLog('gateway', config.logLevel);
  const gateway = await startGateway(config, log);
  log.info({ url: gateway.url }, 'gateway answers');
  closeWithGrace({ delay: 10_000, logger: false }, async ({ err, signal }) => {
    if (err) log.error({ err }, 'stopping after an error');
    else log.info({ signal }, 'stopping');
    await gateway.stop();
  });
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`yanxiu gateway: ${error.message}\n`);
  process.exit(1);
}
