import { policyPublished } from '@yanxiu/contracts/personnel';
import { on, type EventHandler } from '@yanxiu/messaging/handlers';
import { lockTeacher } from '../teacher/queries.js';
import { reassess, teachersJudgedFrom } from './queries.js';

/** Parameters that a year's requirement is computed with. */
const OF_REQUIREMENT: readonly string[] = [
  'hours.basic.annual',
  'hours.vocational.annual',
  'hours.higher.annual',
  'hours.proration',
];

/** Judges the kept years anew when a version of a requirement is published for them. */
export const handlers: readonly EventHandler[] = [
  on(policyPublished, async ({ data }, tx) => {
    if (!OF_REQUIREMENT.includes(data.key)) return;
    const fromYear = Number(data.validFrom.slice(0, 4));
    for (const teacherId of await teachersJudgedFrom(tx.manager, fromYear)) {
      await lockTeacher(tx.manager, teacherId);
      await reassess(tx, teacherId, fromYear);
    }
  }),
];
