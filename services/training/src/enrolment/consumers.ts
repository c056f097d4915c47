import type { EntityManager } from 'typeorm';
import type { Contract } from '@yanxiu/contracts/contract';
import type { EventOf } from '@yanxiu/contracts/envelope';
import { hoursCredited, hoursRefused, hoursReversed } from '@yanxiu/contracts/hours';
import { NotYetKnown, onAll, type EventHandler } from '@yanxiu/messaging/handlers';
import type { EnrolmentStatus } from './entity.js';

/** What an enrolment is from a decision on. */
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

/** Marks the enrolments that events of a type are about. */
const marking = <C extends Contract>(
  contract: C,
  markOf: (data: EventOf<C>['data']) => Mark,
): EventHandler =>
  onAll(contract, (taken, manager) =>
    mark(
      manager,
      taken.map(({ event }) => markOf(event.data)),
    ),
  );

/** Hours decides, credited or refused; a reversal makes the enrolment wait for another decision. */
export const handlers = [
  marking(hoursCredited, ({ enrolmentId, decisionId, at, entries }) => ({
    enrolmentId,
    status: 'CREDITED',
    decisionId,
    decidedAt: at,
    creditedCentihours: entries.reduce((sum, entry) => sum + entry.centihours, 0),
    refusalRule: null,
  })),
  marking(hoursRefused, ({ enrolmentId, decisionId, at, rule }) => ({
    enrolmentId,
    status: 'REFUSED',
    decisionId,
    decidedAt: at,
    creditedCentihours: 0,
    refusalRule: rule,
  })),
  marking(hoursReversed, ({ enrolmentId }) => ({
    enrolmentId,
    status: 'COMPLETED',
    decisionId: null,
    decidedAt: null,
    creditedCentihours: 0,
    refusalRule: null,
  })),
];
