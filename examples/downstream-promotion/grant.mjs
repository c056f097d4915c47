/**
 * For the operator of the installation, once: lets the principal read what this system needs and
 * nothing else. The same as
 *   kafka-acls.sh --bootstrap-server … --add --allow-principal User:promotion --consumer \
 *     --group promotion --topic hours.compliance --topic hours.decision \
 *     --topic personnel.teacher.state
 */
import kafkajs from 'kafkajs';
import { TOPICS } from './record.mjs';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, ResourcePatternTypes } =
  kafkajs;
const { KAFKA_BROKERS = '127.0.0.1:9092', KAFKA_GROUP = 'promotion' } = process.env;
const principal = `User:${process.env.PRINCIPAL ?? 'promotion'}`;

const may = (resourceType, resourceName, operation) => ({
  resourceType,
  resourceName,
  resourcePatternType: ResourcePatternTypes.LITERAL,
  principal,
  host: '*',
  operation,
  permissionType: AclPermissionTypes.ALLOW,
});

const admin = new Kafka({ clientId: 'grant', brokers: KAFKA_BROKERS.split(',') }).admin();
await admin.connect();
await admin.createAcls({
  acl: [
    ...TOPICS.flatMap((topic) => [
      may(AclResourceTypes.TOPIC, topic, AclOperationTypes.READ),
      may(AclResourceTypes.TOPIC, topic, AclOperationTypes.DESCRIBE),
    ]),
    may(AclResourceTypes.GROUP, KAFKA_GROUP, AclOperationTypes.READ),
  ],
});
await admin.disconnect();
console.log(`${principal} may read ${TOPICS.join(', ')} in the group ${KAFKA_GROUP}`);
