import {
  NotResolved,
  discardDeadLetter,
  redriveDeadLetter,
  type DeadLetter,
  type Obstacle,
} from '@yanxiu/messaging/dead-letters';
import type { Inbox } from '@yanxiu/messaging/inbox';
import { command, type CommandInput, type CommandTx } from '../command.js';
import { requireActor, type Context } from '../context.js';
import { DomainError, badInput, notFound, type Bilingual } from '../errors.js';
import { findLetter, isUuid } from './queries.js';

export interface RedriveInput extends CommandInput {
  id: string;
  value?: string | null;
  reason?: string | null;
}

export interface DiscardInput extends CommandInput {
  id: string;
  reason: string;
}

const MAX_REASON = 2_000;

/** Gives a dead letter to the consumer again; role PLATFORM, audited. */
export const redrive = (context: Context, inbox: Inbox, input: RedriveInput) =>
  resolving(context, 'dead-letter.redrive', input, async (tx) =>
    redriveDeadLetter(
      tx.manager,
      inbox,
      { id: input.id, by: tx.actor.subject, now: tx.now, reason: reasonOf(input.reason) },
      input.value ?? null,
    ),
  );

/** Gives a dead letter up, with a reason; role PLATFORM, audited. */
export const discard = (context: Context, input: DiscardInput) =>
  resolving(context, 'dead-letter.discard', input, async (tx) => {
    const reason = reasonOf(input.reason);
    if (reason === null) throw badInput('请说明放弃的理由。', 'Give the reason why.');
    const { id } = input;
    return discardDeadLetter(tx.manager, { id, by: tx.actor.subject, now: tx.now, reason });
  });

async function resolving(
  context: Context,
  action: string,
  input: CommandInput & { id: string },
  work: (tx: CommandTx) => Promise<DeadLetter>,
): Promise<{ deadLetter: DeadLetter }> {
  requireActor(context, 'PLATFORM');
  if (!isUuid(input.id) || !(await findLetter(context, input.id))) {
    throw notFound({ zh: '死信', en: 'dead letter' }, input.id);
  }
  try {
    const { id } = await command(context, action, input, async (tx) => {
      tx.subject('DeadLetter', input.id);
      return { id: (await work(tx)).id };
    });
    const deadLetter = await findLetter(context, id);
    if (!deadLetter) throw new Error(`dead letter ${id} is gone`);
    return { deadLetter };
  } catch (error) {
    if (error instanceof NotResolved) throw refusal(error);
    throw error;
  }
}

function reasonOf(text: string | null | undefined): string | null {
  const reason = text?.trim() || null;
  if (reason !== null && reason.length > MAX_REASON) {
    throw badInput(
      `理由不超过 ${MAX_REASON} 字。`,
      `A reason has at most ${MAX_REASON} characters.`,
    );
  }
  return reason;
}

const OBSTACLES: Readonly<Record<Obstacle, Bilingual>> = {
  RESOLVED: { zh: '该死信已处理', en: 'This dead letter has been resolved' },
  GAP: {
    zh: '同一键上在它之前的事件尚未处理',
    en: 'An event before it on its key has not been taken',
  },
  FAILED: { zh: '再次处理仍然失败', en: 'It fails again' },
  BAD_CORRECTION: { zh: '更正的消息不可用', en: 'The correction cannot be used' },
  NUMBER_UNKNOWN: {
    zh: '有事件等在其后，而它的序号不明：请以更正的消息重投，或由发布方重新发送',
    en:
      'Events wait behind it and its number is not known: redrive it with the corrected message, ' +
      'or let the publisher send it again',
  },
};

function refusal({ obstacle, message }: NotResolved): DomainError {
  const { zh, en } = OBSTACLES[obstacle];
  const text = { zh: `${zh}（${message}）。`, en: `${en} (${message}).` };
  return new DomainError('REFUSED', text, { rule: `DEAD-LETTER-${obstacle.replace('_', '-')}` });
}
