import type { Actor } from '@yanxiu/subgraph/actor';
import { within } from '@yanxiu/registry/org-unit';

/** A teacher as other types point to one; the record is personnel's. */
export interface TeacherRef {
  id: string;
}

/** A condition over a table that names a participant, and the value of its `$1`. */
export interface Scope {
  where: string;
  value: string;
}

/**
 * Which rows (nominations, enrolments) an actor sees, for a row `r` with its teacher, unit and
 * project: a teacher her own; an institution those of projects that it delivers; others those of
 * their subtree, by the unit then, the unit now, or the organiser. Null: nothing at all.
 */
export function participantScope(actor: Actor | null): Scope | null {
  if (!actor || actor.role === 'PLATFORM') return null;
  if (actor.role === 'TEACHER') {
    return actor.teacher ? { where: 'r.teacher_id::text = $1', value: actor.teacher } : null;
  }
  if (actor.role === 'INSTITUTION') {
    return actor.institution ? { where: delivered, value: actor.institution } : null;
  }
  return { where: governed, value: actor.unit };
}

const delivered = `EXISTS (
  SELECT 1 FROM training_project p JOIN training_institution i ON i.id = ANY(p.deliverer_ids)
  WHERE p.id = r.project_id AND i.code = $1)`;

const governed = `EXISTS (
  SELECT 1 FROM org_unit u
  WHERE ${within('u.path', '$1')} AND u.code IN (
    r.unit_code,
    (SELECT t.unit_code FROM teacher_copy t WHERE t.id = r.teacher_id),
    (SELECT p.organiser_code FROM training_project p WHERE p.id = r.project_id)))`;
