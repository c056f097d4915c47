/**
 * Who may use which topics on a secured Kafka, from the catalogue of events: each service writes
 * its own topics and reads those that it acts on, in groups of its own; the tools of whoever is on
 * duty read all. What these principals may do beyond that is taken away again.
 *
 *   node infra/kafka/acls.mjs                                    prints it for kafka-acls.sh
 *   node infra/kafka/acls.mjs --reader NAME=TOPIC,TOPIC …        and a downstream reader
 *   KAFKA_BROKERS=… KAFKA_USERNAME=… KAFKA_PASSWORD=… KAFKA_CA=… node infra/kafka/acls.mjs --apply
 *
 * Applying also makes the topics that are missing, which no service may.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { topics } from '@yanxiu/contracts/catalogue';
import { SERVICES, accessOf, readingOnly } from '@yanxiu/contracts/topic-access';
import { topicConfig } from '@yanxiu/contracts/topic-settings';
import kafkajs from 'kafkajs';

const { AclOperationTypes: Operation, AclPermissionTypes, AclResourceTypes: Resource } = kafkajs;
const { ResourcePatternTypes: Pattern } = kafkajs;

/** Principal of the tools of whoever is on duty. */
export const DUTY = 'yanxiu-duty';

/** A service's principal at Kafka. */
export const principalOf = (service) => `yanxiu-${service}`;

function entry(principal, resourceType, resourceName, operation, pattern = Pattern.LITERAL) {
  return {
    resourceType,
    resourceName,
    resourcePatternType: pattern,
    principal: `User:${principal}`,
    host: '*',
    operation,
    permissionType: AclPermissionTypes.ALLOW,
  };
}

/** A reader goes through a topic in a group for that time, which it removes. */
function reading(principal, clientId) {
  const group = [principal, Resource.GROUP, `${clientId}-read-`];
  return [Operation.READ, Operation.DELETE].map((may) => entry(...group, may, Pattern.PREFIXED));
}

const onTopics = (principal, names, operation) =>
  names.map((topic) => entry(principal, Resource.TOPIC, topic, operation));

/** Everything that is allowed, as kafkajs takes it. `readers`: downstream, name → topics. */
export function acls(readers = {}) {
  const ofServices = SERVICES.flatMap((service) => {
    const principal = principalOf(service);
    const { writes, reads } = accessOf(service);
    return [
      ...onTopics(principal, writes, Operation.WRITE),
      ...onTopics(principal, reads, Operation.READ),
      entry(principal, Resource.GROUP, service, Operation.READ),
      ...reading(principal, `yanxiu-${service}`),
    ];
  });
  const downstream = Object.entries(readers).flatMap(([name, names]) => [
    ...onTopics(name, names, Operation.READ),
    entry(name, Resource.GROUP, name, Operation.READ),
  ]);
  const onDuty = [
    ...onTopics(DUTY, readingOnly.reads, Operation.READ),
    ...reading(DUTY, 'yanxiu-cli'),
    // How far each service has read, to tell what is missing from what is on its way.
    ...SERVICES.map((service) => entry(DUTY, Resource.GROUP, service, Operation.DESCRIBE)),
  ];
  return [...ofServices, ...onDuty, ...downstream];
}

const nameIn = (types, value) => Object.keys(types).find((name) => types[name] === value);

/** The same for Kafka's own command, a line each. */
export function commands(entries) {
  return entries.map((acl) => {
    const kind = nameIn(Resource, acl.resourceType).toLowerCase();
    const pattern = nameIn(Pattern, acl.resourcePatternType).toLowerCase();
    return (
      `kafka-acls.sh --add --allow-principal ${acl.principal} --operation ` +
      `${nameIn(Operation, acl.operation).toLowerCase()} --${kind} ${acl.resourceName} ` +
      `--resource-pattern-type ${pattern}`
    );
  });
}

const keyOf = (acl) =>
  [acl.resourceType, acl.resourceName, acl.resourcePatternType, acl.operation].join(' ');

/** What a principal may do now. */
async function found(admin, principal) {
  const { resources } = await admin.describeAcls({
    principal,
    resourceType: Resource.ANY,
    resourcePatternType: Pattern.ANY,
    operation: Operation.ANY,
    permissionType: AclPermissionTypes.ANY,
  });
  return resources.flatMap(({ acls: list, ...resource }) =>
    list.map((acl) => ({ ...resource, ...acl, resourcePatternType: resource.resourcePatternType })),
  );
}

/** A broker hears of new rights from the controller, a moment after they are made. */
async function untilShown(admin, entries) {
  const wanted = new Map();
  for (const { principal } of entries) wanted.set(principal, (wanted.get(principal) ?? 0) + 1);
  const limit = Date.now() + 30_000;
  for (const [principal, count] of wanted) {
    while ((await found(admin, principal)).length < count) {
      if (Date.now() > limit) throw new Error(`Kafka does not show the rights of ${principal}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Makes the topics and brings the principals' rights to what is asked; how many changed. */
export async function applyAcls(kafka, entries) {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const there = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !there.has(topic));
    if (missing.length > 0) await admin.createTopics({ topics: missing.map(topicConfig) });
    let removed = 0;
    for (const principal of new Set(entries.map((acl) => acl.principal))) {
      const wanted = new Set(entries.filter((acl) => acl.principal === principal).map(keyOf));
      const surplus = (await found(admin, principal)).filter((acl) => !wanted.has(keyOf(acl)));
      if (surplus.length > 0) await admin.deleteAcls({ filters: surplus });
      removed += surplus.length;
    }
    await admin.createAcls({ acl: entries });
    await untilShown(admin, entries);
    return { topics: missing.length, allowed: entries.length, removed };
  } finally {
    await admin.disconnect();
  }
}

function clientFrom(env) {
  const { KAFKA_BROKERS, KAFKA_USERNAME: username, KAFKA_PASSWORD: password, KAFKA_CA } = env;
  if (!KAFKA_BROKERS || !username || !password) {
    throw new Error('set KAFKA_BROKERS, and KAFKA_USERNAME and KAFKA_PASSWORD of an administrator');
  }
  return new kafkajs.Kafka({
    clientId: 'yanxiu-acls',
    brokers: KAFKA_BROKERS.split(',').map((broker) => broker.trim()),
    ssl: KAFKA_CA ? { ca: [readFileSync(KAFKA_CA, 'utf8')] } : true,
    sasl: { mechanism: 'scram-sha-512', username, password },
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 2 },
  });
}

function readersFrom(values = []) {
  const known = new Set(topics);
  return Object.fromEntries(
    values.map((value) => {
      const [name, list = ''] = value.split('=');
      const names = list.split(',').filter(Boolean);
      const unknown = names.filter((topic) => !known.has(topic));
      if (names.length === 0 || unknown.length > 0) {
        throw new Error(`--reader ${value}: no such topic ${unknown.join(', ')}`);
      }
      return [name, names];
    }),
  );
}

async function main() {
  const options = { apply: { type: 'boolean' }, reader: { type: 'string', multiple: true } };
  const { values } = parseArgs({ options });
  const entries = acls(readersFrom(values.reader));
  if (!values.apply) return console.log(commands(entries).join('\n'));
  const done = await applyAcls(clientFrom(process.env), entries);
  console.log(`${done.topics} topics made, ${done.allowed} rights there, ${done.removed} removed`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
