import type { EntityManager } from 'typeorm';
import { hoursCredited, hoursRefused, hoursReversed } from '@yanxiu/contracts/hours';
import { NotYetKnown, on } from '@yanxiu/messaging/handlers';
import type { EnrolmentStatus } from './entity.js';

interface Mark {
  status: EnrolmentStatus;
  decisionId: string | null;
  decidedAt: string | null;
  creditedCentihours: number;
  refusalRule: string | null;
}

async function mark(manager: EntityManager, enrolmentId: string, as: Mark): Promise<void> {
  const marked: unknown[] = await manager.query(
    `WITH marked AS (
       UPDATE enrolment SET status = $2, decision_id = $3, decided_at = $4,
         credited_centihours = $5, refusal_rule = $6
       WHERE id = $1 RETURNING id
     ) SELECT id FROM marked`,
    [enrolmentId, as.status, as.decisionId, as.decidedAt, as.creditedCentihours, as.refusalRule],
  );
  if (marked.length === 0) throw new NotYetKnown(`enrolment ${enrolmentId}`);
}

/** Hours decides, credited or refused; a reversal makes the enrolment wait for another decision. */
export const handlers = [
  on(hoursCredited, async ({ data }, { manager }) => {
    await mark(manager, data.enrolmentId, {
      status: 'CREDITED',
      decisionId: data.decisionId,
      decidedAt: data.at,
      creditedCentihours: data.entries.reduce((sum, entry) => sum + entry.centihours, 0),
      refusalRule: null,
    });
  }),
  on(hoursRefused, async ({ data }, { manager }) => {
    await mark(manager, data.enrolmentId, {
      status: 'REFUSED',
      decisionId: data.decisionId,
      decidedAt: data.at,
      creditedCentihours: 0,
      refusalRule: data.rule,
    });
  }),
  on(hoursReversed, async ({ data }, { manager }) => {
    await mark(manager, data.enrolmentId, {
      status: 'COMPLETED',
      decisionId: null,
      decidedAt: null,
      creditedCentihours: 0,
      refusalRule: null,
    });
  }),
];
