import { describe, expect, it } from '@jest/globals';
import { topics } from '@yanxiu/contracts/catalogue';
import { SERVICES, accessOf, ownerOf, type Service } from '@yanxiu/contracts/topic-access';
import { AclOperationTypes, AclResourceTypes, type AclEntry } from 'kafkajs';
import { service as evaluation } from '../../services/evaluation/src/subgraph.js';
import { service as funding } from '../../services/funding/src/subgraph.js';
import { service as hours } from '../../services/hours/src/subgraph.js';
import { service as personnel } from '../../services/personnel/src/subgraph.js';
import { service as training } from '../../services/training/src/subgraph.js';
import { DUTY, acls, commands, principalOf } from './acls.mjs';

const all = acls({ promotion: ['hours.compliance'] });
const { DESCRIBE, READ, WRITE } = AclOperationTypes;

/** Who has the right, without `User:`. */
const holders = (operation: AclOperationTypes, topic: string): string[] =>
  all
    .filter((acl) => acl.resourceType === AclResourceTypes.TOPIC && acl.resourceName === topic)
    .filter((acl) => acl.operation === operation)
    .map(({ principal }) => principal.replace('User:', ''));

const ofPrincipal = (name: string): AclEntry[] =>
  all.filter(({ principal }) => principal === `User:${name}`);

describe('who may use which topics', () => {
  it.each([...topics])('%s has one writer, its owner', (topic) => {
    expect(holders(WRITE, topic)).toEqual([principalOf(ownerOf(topic) as Service)]);
  });

  it.each([personnel, training, hours, funding, evaluation])(
    '$name reads what its handlers act on and nothing else',
    ({ name, slices }) => {
      const handlers = slices.flatMap((slice) => slice.handlers ?? []);
      const acted = [...new Set(handlers.map(({ contract }) => contract.topic))].sort();
      expect(accessOf(name).reads).toEqual(acted);
      expect(topics.filter((topic) => holders(READ, topic).includes(principalOf(name)))).toEqual(
        acted,
      );
    },
  );

  it('is for reading alone on duty and downstream, there the topics that are named', () => {
    expect(topics.filter((topic) => holders(READ, topic).includes(DUTY))).toEqual(topics);
    expect(topics.filter((topic) => holders(READ, topic).includes('promotion'))).toEqual([
      'hours.compliance',
    ]);
    const rights = [...ofPrincipal(DUTY), ...ofPrincipal('promotion')];
    expect(rights.filter(({ operation }) => operation === WRITE)).toEqual([]);
  });

  it('keeps groups apart and gives no right on cluster or transactions', () => {
    const { GROUP, TOPIC } = AclResourceTypes;
    const kinds = new Set(all.map(({ resourceType }) => resourceType));
    expect([...kinds].sort()).toEqual([TOPIC, GROUP].sort());
    const owners = new Map<string, Set<string>>();
    for (const { resourceType, resourceName, principal, operation } of all) {
      // Whoever is on duty sees how far a group has read, and can do nothing in it.
      if (resourceType !== GROUP || (principal === `User:${DUTY}` && operation === DESCRIBE))
        continue;
      owners.set(resourceName, (owners.get(resourceName) ?? new Set()).add(principal));
    }
    expect([...owners.values()].filter((principals) => principals.size !== 1)).toEqual([]);
    expect([...owners.keys()]).toEqual(expect.arrayContaining([...SERVICES, 'promotion']));
  });

  it('is printed as Kafka’s own command takes it', () => {
    expect(commands(acls())).toEqual(
      expect.arrayContaining([
        'kafka-acls.sh --add --allow-principal User:yanxiu-hours --operation write ' +
          '--topic hours.decision --resource-pattern-type literal',
        'kafka-acls.sh --add --allow-principal User:yanxiu-hours --operation delete ' +
          '--group yanxiu-hours-read- --resource-pattern-type prefixed',
      ]),
    );
  });
});
