import type { EntityManager } from 'typeorm';
import { hoursCredited, hoursRefused, hoursReversed } from '@yanxiu/contracts/hours';
import { NotYetKnown, onAll } from '@yanxiu/messaging/handlers';
import type { EnrolmentStatus } from './entity.js';

interface Mark {
  enrolmentId: string;
  status: EnrolmentStatus;
  decisionId: string | null;
  decidedAt: string | null;
  creditedCentihours: number;
  refusalRule: string | null;
}

/** Marks enrolments; of several marks on one the last holds. */
async function mark(manager: EntityManager, marks: readonly Mark[]): Promise<void> {
  const last = new Map(marks.map((each) => [each.enrolmentId, each]));
  const marked: { id: string }[] = await manager.query(
    `WITH marked AS (
       UPDATE enrolment e SET status = m.status, decision_id = m."decisionId",
         decided_at = m."decidedAt", credited_centihours = m."creditedCentihours",
         refusal_rule = m."refusalRule"
       FROM jsonb_to_recordset($1::jsonb) AS m("enrolmentId" uuid, status text,
         "decisionId" uuid, "decidedAt" timestamptz, "creditedCentihours" integer,
         "refusalRule" text)
       WHERE e.id = m."enrolmentId" RETURNING e.id
     ) SELECT id FROM marked`,
    [JSON.stringify([...last.values()])],
  );
  for (const { id } of marked) last.delete(id);
  const [unknown] = last.keys();
  if (unknown) throw new NotYetKnown(`enrolment ${unknown}`);
}

/** Hours decides, credited or refused; a reversal makes the enrolment wait for another decision. */
export const handlers = [
  onAll(hoursCredited, (taken, manager) =>
    mark(
      manager,
      taken.map(({ event: { data } }) => ({
        enrolmentId: data.enrolmentId,
        status: 'CREDITED',
        decisionId: data.decisionId,
        decidedAt: data.at,
        creditedCentihours: data.entries.reduce((sum, entry) => sum + entry.centihours, 0),
        refusalRule: null,
      })),
    ),
  ),
  onAll(hoursRefused, (taken, manager) =>
    mark(
      manager,
      taken.map(({ event: { data } }) => ({
        enrolmentId: data.enrolmentId,
        status: 'REFUSED',
        decisionId: data.decisionId,
        decidedAt: data.at,
        creditedCentihours: 0,
        refusalRule: data.rule,
      })),
    ),
  ),
  onAll(hoursReversed, (taken, manager) =>
    mark(
      manager,
      taken.map(({ event: { data } }) => ({
        enrolmentId: data.enrolmentId,
        status: 'COMPLETED',
        decisionId: null,
        decidedAt: null,
        creditedCentihours: 0,
        refusalRule: null,
      })),
    ),
  ),
];
