import { createHash } from 'node:crypto';
import type { Actor } from '@yanxiu/subgraph/actor';
import { ask } from './graph.js';
import { newId, SCHOOL, type Province } from './province.js';

export const coordinator = (unit = SCHOOL, subject = 'coordinator'): Actor => ({
  subject,
  role: 'COORDINATOR',
  unit,
});

export const registrar = (unit = '140400', subject = 'first-officer'): Actor => ({
  subject,
  role: 'OFFICER',
  unit,
});

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What a teacher claims: two hours of an evening, some of it changed. */
export const claimOf = (teacherId: string, changes: Record<string, unknown> = {}) => ({
  teacherId,
  source: 'SELF_STUDY',
  category: 'SUBJECT',
  modality: 'SELF_DIRECTED',
  title: '整本书阅读教学研读',
  sessions: [{ date: '2025-05-06', startTime: '19:00', minutes: 90 }],
  evidence: { sha256: sha256(newId()), name: '笔记.pdf', size: 48_213 },
  ...changes,
});

const SHOWN = `claim { id status dueAt overdue registrar { code } unit { code }
  steps { status reason unit { code } }
  decision { status rule entries { hours source level project { id } } } }`;

/** Runs a mutation on claims; its claim, or the code and rule of the refusal. */
export async function act(
  province: Province,
  actor: Actor | null,
  mutation: string,
  input: Record<string, unknown>,
) {
  const type = { decideClaimAppeal: 'DecideClaimInput' }[mutation];
  const name = type ?? `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  const source = `mutation ($input: ${name}!) { ${mutation}(input: $input) { ${SHOWN} } }`;
  const { data, code, rule } = await ask(province, actor, source, { input });
  return code ? { code, rule } : data[mutation].claim;
}

/** A claim that the school has confirmed; its id. */
export async function checkedClaim(
  province: Province,
  teacherId: string,
  changes: Record<string, unknown> = {},
): Promise<string> {
  const teacher: Actor = { subject: 't', role: 'TEACHER', unit: SCHOOL, teacher: teacherId };
  const claim = claimOf(teacherId, changes);
  const { id } = await act(province, teacher, 'submitClaim', { claim });
  await act(province, coordinator(), 'checkClaim', { claimId: id, confirmed: true });
  return id;
}
