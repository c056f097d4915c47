import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(folder, ...args) {
  const done = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (done.status === 0) return;
  throw new Error(`openssl 3 is needed (apt: openssl): ${done.error ?? done.stderr}`);
}

/**
 * An authority of the test's own, and a certificate of it for 127.0.0.1: `ca.pem` for clients,
 * `broker.pem` with its key for the broker. Made once per folder.
 */
function certificates(folder) {
  const pem = join(folder, 'broker.pem');
  if (existsSync(pem)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = ['req', '-x509', ...EC, '-days', '3650'];
  openssl(folder, ...made, '-subj', '/CN=yanxiu-test-ca', '-keyout', 'ca.key', '-out', 'ca.pem');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'basicConstraints=CA:FALSE'];
  const names = ['-subj', '/CN=broker', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  openssl(folder, ...made, ...signed, ...names, '-keyout', 'broker.key', '-out', 'broker.crt');
  const parts = ['broker.key', 'broker.crt'].map((name) => readFileSync(join(folder, name)));
  writeFileSync(pem, Buffer.concat(parts), { mode: 0o600 });
}

/**
 * One listener for clients, TLS and SCRAM-SHA-512 alone; nobody may do anything without an ACL but
 * the administrator and the broker itself, which the controller's listener knows by certificate.
 */
export function securedProperties(folder, { port, controllerPort, advertisedPort }, admin) {
  certificates(folder);
  const file = (name) => join(folder, name).replaceAll('\\', '/');
  return {
    listeners: `SASL_SSL://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `SASL_SSL://127.0.0.1:${advertisedPort}`,
    'listener.security.protocol.map': 'SASL_SSL:SASL_SSL,CONTROLLER:SSL',
    'inter.broker.listener.name': 'SASL_SSL',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required ' +
      `username="${admin.name}" password="${admin.password}";`,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': file('broker.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': file('ca.pem'),
    'listener.name.controller.ssl.client.auth': 'required',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': false,
    'super.users': `User:${admin.name};User:CN=broker`,
  };
}
