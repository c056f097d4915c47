import { acting } from '@yanxiu/registry/scope';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { notFound } from '@yanxiu/subgraph/errors';
import { requirePlainNote } from '@yanxiu/subgraph/person/note';
import { idNumberOf } from './personal.js';
import { teacherView } from './queries.js';
import { may, mayReveal } from './rules.js';

export interface RevealIdNumberInput {
  teacherId: string;
  purpose: string;
  note?: string | null | undefined;
}

const ACTION = 'teacher.revealIdNumber';

/**
 * Notes in the audit log why the ID number is shown and then shows it. What the command itself
 * answers, and so what the database is sent, holds no number.
 */
export async function revealIdNumber(
  context: Context,
  input: RevealIdNumberInput,
): Promise<{ teacherId: string; idNumber: string }> {
  const { purpose, note } = input;
  requirePlainNote(note ?? '');
  const view = await teacherView(context, input.teacherId);
  const idNumber = view?.access.idNumber ? idNumberOf(view.teacher) : null;
  const { teacherId } = await command(context, ACTION, {}, async (tx) => {
    permit(may(await acting(tx), 'reveal'));
    if (!view?.access.idNumber) throw notFound({ zh: '教师', en: 'teacher' }, input.teacherId);
    enforce(mayReveal({ today: await revealedToday(tx), erased: idNumber === null }));
    tx.subject('Teacher', view.id);
    tx.purpose(purpose, note ?? null);
    return { teacherId: view.id };
  });
  if (idNumber === null) throw new Error(`no ID number of ${teacherId}, though it may be shown`);
  return { teacherId, idNumber };
}

/** How many ID numbers the account has seen since midnight in Shanghai; counted one at a time. */
async function revealedToday({ manager, actor, now }: CommandTx): Promise<number> {
  await manager.query('SELECT pg_advisory_xact_lock(hashtext($1), hashtext($2))', [
    ACTION,
    actor.subject,
  ]);
  const rows: { n: number }[] = await manager.query(
    'SELECT count(*)::int AS n FROM audit WHERE actor = $1 AND action = $2 AND at >= $3',
    [actor.subject, ACTION, new Date(`${localDate(now)}T00:00:00+08:00`)],
  );
  return rows[0]?.n ?? 0;
}
