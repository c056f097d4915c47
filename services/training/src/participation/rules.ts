import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { rights } from '@yanxiu/subgraph/permission';
import { asRunner } from '../class/rules.js';

/** Who may do what with what came of a class. */
export const may = rights({ complete: asRunner });

/** A class is completed when each of its sessions has its attendance, and it had one at least. */
export function mayComplete(sessions: readonly { recordedAt: Date | null }[]): Decision {
  const missing = sessions.filter(({ recordedAt }) => recordedAt === null).length;
  if (sessions.length > 0 && missing === 0) return accepted();
  return refused(
    'ATTENDANCE-MISSING',
    sessions.length === 0
      ? '该班次没有任何课程，不能结业。'
      : `还有 ${missing} 次课程没有考勤，请先登记。`,
    sessions.length === 0
      ? 'The class has no session: it cannot be completed.'
      : `${missing} sessions have no attendance yet: record it first.`,
    { missing },
  );
}

/** Where a participant works: the unit, and the city that it lies in. */
export interface Post {
  unitCode: string;
  cityCode: string | null;
}

/**
 * Who registers the hours (登记): the city for basic and vocational education (§3.1.1, §3.1.2), the
 * university itself for higher (§3.1.3). A unit that lies in no city is the province's own.
 */
export const registrarOf = (sector: string, { unitCode, cityCode }: Post): string =>
  sector === 'HIGHER' ? unitCode : (cityCode ?? unitCode);
