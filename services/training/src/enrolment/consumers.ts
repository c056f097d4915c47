import type { EntityManager } from 'typeorm';
import { hoursCredited, hoursRefused, hoursReversed } from '@yanxiu/contracts/hours';
import { NotYetKnown, on } from '@yanxiu/messaging/handlers';
import { Enrolment } from './entity.js';

type Mark = Pick<
  Enrolment,
  'status' | 'decisionId' | 'decidedAt' | 'creditedCentihours' | 'refusalRule'
>;

async function mark(manager: EntityManager, enrolmentId: string, as: Mark): Promise<void> {
  const { affected } = await manager.update(Enrolment, enrolmentId, as);
  if (!affected) throw new NotYetKnown(`enrolment ${enrolmentId}`);
}

/** Hours decides, credited or refused; a reversal makes the enrolment wait for another decision. */
export const handlers = [
  on(hoursCredited, async ({ data }, { manager }) => {
    await mark(manager, data.enrolmentId, {
      status: 'CREDITED',
      decisionId: data.decisionId,
      decidedAt: new Date(data.at),
      creditedCentihours: data.entries.reduce((sum, entry) => sum + entry.centihours, 0),
      refusalRule: null,
    });
  }),
  on(hoursRefused, async ({ data }, { manager }) => {
    await mark(manager, data.enrolmentId, {
      status: 'REFUSED',
      decisionId: data.decisionId,
      decidedAt: new Date(data.at),
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
