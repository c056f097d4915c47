import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startKafka, type Principal } from '../../../infra/kafka/kafka.mjs';

export interface Broker {
  /** As `KAFKA_BROKERS` takes it. */
  brokers: string;
  /** Where principals log in, when there are any. */
  securedBrokers: string | undefined;
  pid: number;
  stop(): Promise<void>;
}

/** A real single-node Kafka; its log is thrown away at the end unless a folder is given. */
export const startBroker = async (
  dataDir?: string,
  principals: readonly Principal[] = [],
): Promise<Broker> => {
  const folder = dataDir ?? (await mkdtemp(path.join(tmpdir(), 'yanxiu-broker-')));
  const kafka = await startKafka({ dataDir: folder, principals });
  return {
    brokers: kafka.brokers,
    securedBrokers: kafka.securedBrokers,
    pid: kafka.pid,
    stop: async () => {
      await kafka.stop();
      if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
};
