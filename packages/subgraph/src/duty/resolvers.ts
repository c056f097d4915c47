import type { Inbox } from '@yanxiu/messaging/inbox';
import type { PartitionLag, Transport } from '@yanxiu/messaging/port';
import { requireActor, type Context } from '../context.js';
import type { PageArgs } from '../pagination.js';
import { discard, redrive, type DiscardInput, type RedriveInput } from './commands.js';
import { findLetter, heldStatus, outboxStatus, pageOfLetters } from './queries.js';

export interface DutyParts {
  service: string;
  inbox: Inbox;
  transport: Transport;
}

type Field<A = object> = (parent: object, args: A, context: Context) => unknown;

/** What became of the events of this service, for PLATFORM alone. */
export function dutyResolvers({ service, inbox, transport }: DutyParts): object {
  const events: Field = (_parent, _args, context) => {
    requireActor(context, 'PLATFORM');
    return { service };
  };
  const outbox: Field = async (_parent, _args, context) => {
    const { count, oldestAt } = await outboxStatus(context);
    return { pending: count, oldestAt };
  };
  const lag = (): Promise<PartitionLag[]> => {
    const { topics } = inbox;
    return topics.length > 0 ? transport.partitionLags(service, topics) : Promise.resolve([]);
  };
  const held: Field = (_parent, _args, context) => heldStatus(context);
  const deadLetters: Field<PageArgs & { open?: boolean | null }> = (_parent, args, context) =>
    pageOfLetters(context, args);
  const deadLetter: Field<{ id: string }> = (_parent, { id }, context) => findLetter(context, id);
  const redriveOne: Field<{ input: RedriveInput }> = (_parent, { input }, context) =>
    redrive(context, inbox, input);
  const discardOne: Field<{ input: DiscardInput }> = (_parent, { input }, context) =>
    discard(context, input);
  return {
    Query: { [`${service}Events`]: events },
    Mutation: {
      [`${service}RedriveDeadLetter`]: redriveOne,
      [`${service}DiscardDeadLetter`]: discardOne,
    },
    ServiceEvents: { outbox, lag, held, deadLetters, deadLetter },
  };
}
