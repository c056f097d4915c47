import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startKafka, type KafkaOptions } from '../../../infra/kafka/kafka.mjs';

export interface Broker {
  /** As `KAFKA_BROKERS` takes it. */
  brokers: string;
  /** File with the authority's certificate, as `KAFKA_CA` takes it, where there is an `admin`. */
  ca: string | undefined;
  /** Where principals log in, when there are any. */
  securedBrokers: string | undefined;
  pid: number;
  stop(): Promise<void>;
}

/** A real single-node Kafka; its log is thrown away at the end unless a folder is given. */
export const startBroker = async (
  dataDir?: string,
  users: Pick<KafkaOptions, 'principals' | 'admin'> = {},
): Promise<Broker> => {
  const folder = dataDir ?? (await mkdtemp(path.join(tmpdir(), 'yanxiu-broker-')));
  const kafka = await startKafka({ dataDir: folder, ...users });
  return {
    brokers: kafka.brokers,
    ca: kafka.ca,
    securedBrokers: kafka.securedBrokers,
    pid: kafka.pid,
    stop: async () => {
      await kafka.stop();
      if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
};
