import { join } from 'node:path';
import { freePort, startKafka } from './kafka.mjs';

async function firstFreePort(port) {
  try {
    return await freePort(port);
  } catch {
    return firstFreePort(port + 1);
  }
}

const data = process.env.YANXIU_DATA_DIR ?? '.yanxiu';
const root = process.env.INIT_CWD ?? process.cwd();
try {
  const kafka = await startKafka({
    dataDir: join(root, data, 'kafka'),
    port: await firstFreePort(Number(process.env.KAFKA_PORT ?? 9092)),
    log: (text) => process.stderr.write(text),
  });
  console.log(`KAFKA_BROKERS=${kafka.brokers}`);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => void kafka.stop());
  }
  kafka.process.once('exit', (code) => {
    process.exitCode = code === 143 || code === 0 ? 0 : 1;
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
