import type { Contract, DataOf } from '@yanxiu/contracts/contract';
import type { Envelope } from '@yanxiu/contracts/envelope';
import { systemEnvironment } from '@yanxiu/messaging/environment';
import type { Inbox, Outcome } from '@yanxiu/messaging/inbox';
import type { InboundMessage } from '@yanxiu/messaging/port';

const newId = systemEnvironment().ids('test');

/** A message as a transport would deliver it. */
export function messageOf<C extends Contract>(
  contract: C,
  key: string,
  data: DataOf<C>,
  version: number,
  time = new Date(),
): InboundMessage {
  const id = newId();
  const envelope: Envelope = {
    specversion: '1.0',
    id,
    source: `/yanxiu/${contract.topic.split('.')[0]}`,
    type: contract.type,
    subject: key,
    time: time.toISOString(),
    datacontenttype: 'application/json',
    aggregateversion: version,
    correlationid: id,
    data,
  };
  const value = JSON.stringify(envelope);
  return { topic: contract.topic, partition: 0, position: id, key, value };
}

const versions = new WeakMap<Inbox, Map<string, number>>();

/** The number of the next event of this topic and key, for this inbox. */
function nextVersion(inbox: Inbox, topic: string, key: string): number {
  let ofInbox = versions.get(inbox);
  if (!ofInbox) versions.set(inbox, (ofInbox = new Map()));
  const version = (ofInbox.get(`${topic}/${key}`) ?? 0) + 1;
  ofInbox.set(`${topic}/${key}`, version);
  return version;
}

/** Gives an event to an inbox as its transport would; versions count up by themselves. */
export function deliver<C extends Contract>(
  inbox: Inbox,
  contract: C,
  key: string,
  data: DataOf<C>,
  version = nextVersion(inbox, contract.topic, key),
): Promise<Outcome> {
  return inbox.take(messageOf(contract, key, data, version));
}
