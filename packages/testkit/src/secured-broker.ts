import { readFile } from 'node:fs/promises';
import { SERVICES, type Service } from '@yanxiu/contracts/topic-access';
import { Kafka, logLevel } from 'kafkajs';
import { DUTY, acls, applyAcls, principalOf } from '../../../infra/kafka/acls.mjs';
import { startBroker, type Broker } from './broker.js';

const ADMIN = 'admin';
const passwordOf = (name: string): string => `${name}-secret`;

/** A Kafka that nobody uses without TLS, a login and a right. */
export interface SecuredBroker extends Broker {
  ca: string;
  /** As `yanxiu up` takes it: brokers, authority, the login on duty and that of each service. */
  env: Record<string, string>;
  /** kafkajs as one of the principals; the administrator when none is named. */
  clientOf(principal?: string): Kafka;
  passwordOf(principal: string): string;
}

/** Starts one with the rights that the catalogue gives, and those of downstream readers. */
export const startSecuredBroker = async (
  readers: Readonly<Record<string, readonly string[]>> = {},
  dataDir?: string,
): Promise<SecuredBroker> => {
  const names = [...SERVICES.map(principalOf), DUTY, ...Object.keys(readers)];
  const userOf = (name: string) => ({ name, password: passwordOf(name) });
  const users = { admin: userOf(ADMIN), principals: names.map(userOf) };
  const broker = await startBroker(dataDir, users);
  const { ca = '', brokers } = broker;
  const pem = await readFile(ca, 'utf8');
  const clientOf = (username = ADMIN): Kafka =>
    new Kafka({
      clientId: username,
      brokers: [brokers],
      ssl: { ca: [pem] },
      sasl: { mechanism: 'scram-sha-512', username, password: passwordOf(username) },
      logLevel: logLevel.NOTHING,
      retry: { retries: 1 },
    });
  await applyAcls(clientOf(), acls(readers));
  const loginOf = (name: string, suffix: string): Record<string, string> => ({
    [`KAFKA_USERNAME${suffix}`]: name,
    [`KAFKA_PASSWORD${suffix}`]: passwordOf(name),
  });
  const logins = SERVICES.map((service: Service) =>
    loginOf(principalOf(service), `_${service.toUpperCase()}`),
  );
  const env = Object.assign(
    { KAFKA_BROKERS: brokers, KAFKA_CA: ca },
    loginOf(DUTY, ''),
    ...logins,
  ) as Record<string, string>;
  return { ...broker, ca, env, clientOf, passwordOf };
};
