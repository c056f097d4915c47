import type { Actor } from '@yanxiu/subgraph/actor';

/** What an actor may see of one teacher. */
export interface Access {
  /** Found by `teacher` and `teachers`. */
  listed: boolean;
  /** Pseudonymous working record (P1). */
  record: boolean;
  name: 'FULL' | 'MASKED' | 'NONE';
  idNumber: boolean;
}

/** Not so much as that she exists. */
export const NOTHING: Access = { listed: false, record: false, name: 'NONE', idNumber: false };
const FULL: Access = { listed: true, record: true, name: 'FULL', idNumber: true };

/**
 * Names are for those who are responsible for the teacher, and for herself. Institutions and
 * evaluators meet teachers through their own projects only: a masked name, never by search.
 */
export function accessTo(
  actor: Actor | null,
  teacher: { id: string; inJurisdiction: boolean },
): Access {
  switch (actor?.role) {
    case 'TEACHER':
      return actor.teacher === teacher.id ? FULL : NOTHING;
    case 'OFFICER':
    case 'COORDINATOR':
      return teacher.inJurisdiction ? FULL : NOTHING;
    case 'FINANCE':
    case 'AUDITOR':
    case 'ANALYST':
      return teacher.inJurisdiction
        ? { listed: true, record: true, name: 'MASKED', idNumber: false }
        : NOTHING;
    case 'INSTITUTION':
    case 'EVALUATOR':
      return { listed: false, record: true, name: 'MASKED', idNumber: false };
    default:
      return NOTHING;
  }
}
