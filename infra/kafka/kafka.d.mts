import type { ChildProcess } from 'node:child_process';

/** A running single-node Kafka. */
export interface RunningKafka {
  /** `127.0.0.1:PORT`, for KAFKA_BROKERS. */
  brokers: string;
  /** File with the authority's certificate in PEM, for KAFKA_CA; only where there is an `admin`. */
  ca: string | undefined;
  /**
   * Where the principals log in (SASL_PLAINTEXT; SCRAM-SHA-256 or PLAIN), when there are any and
   * no `admin`.
   */
  securedBrokers: string | undefined;
  pid: number;
  process: ChildProcess;
  /** Stops it and resolves when it has ended; calling it twice is harmless. */
  stop(): Promise<void>;
}

export interface KafkaOptions {
  /** Where its log lives; kept between starts. */
  dataDir: string;
  port?: number;
  controllerPort?: number;
  /** Where clients are sent, when something stands between them and the broker. */
  advertisedPort?: number;
  log?: (text: string) => void;
  /** Who may log in; made when the storage is formatted, each may do nothing until granted. */
  principals?: readonly Principal[];
  /**
   * Closes the broker: TLS and SCRAM-SHA-512 alone at `brokers`, and nobody but this administrator
   * may do anything that no ACL allows.
   */
  admin?: Principal;
}

export interface Principal {
  name: string;
  password: string;
}

/** Whether Kafka can be started on this machine (Java, and Maven or the jars). */
export function javaAvailable(): boolean;
export function freePort(port?: number): Promise<number>;
/** Starts a real single-node Kafka; rejects clearly when Java or Maven is missing. */
export function startKafka(options: KafkaOptions): Promise<RunningKafka>;
