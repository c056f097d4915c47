import type { EntityManager } from 'typeorm';
import type { EnrolmentConfirmed } from '@yanxiu/contracts/training';
import { inOrder, type Batch } from '@yanxiu/subgraph/context';
import { asSystem, keyed } from '@yanxiu/subgraph/scoped-database';
import { byTeacher, columnsOfKeys } from '../teacher/queries.js';
import { fromStored, type Decided, type ShownLine, type StoredLine } from './trace.js';

/** SQL of the decision that holds on a cause: the last one. */
export const liveDecision = (teacher: string, cause: string): string =>
  `(SELECT * FROM recognition_decision WHERE teacher_id = ${teacher} AND cause_id = ${cause}
    ORDER BY sequence DESC LIMIT 1)`;

/**
 * Notes who is enrolled, each enrolment once; a project's pending decisions are counted from it.
 */
export async function enrolmentStatus(
  manager: EntityManager,
  enrolments: readonly EnrolmentConfirmed[],
  status: 'CONFIRMED' | 'WITHDRAWN',
): Promise<void> {
  await manager.query(
    `INSERT INTO enrolment (id, project_id, teacher_id, status)
     SELECT id, project_id, teacher_id, $4
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS e (id, project_id, teacher_id)
     ON CONFLICT (id) DO UPDATE SET status = excluded.status`,
    [
      enrolments.map(({ enrolmentId }) => enrolmentId),
      enrolments.map(({ projectId }) => projectId),
      enrolments.map(({ teacherId }) => teacherId),
      status,
    ],
  );
}

/** An enrolment or a project as the graph refers to it. */
export interface EntityRef {
  id: string;
}

/** A decision (学时认定) as it is shown. */
export interface DecisionRow extends Decided {
  id: string;
  causeId: string;
  teacherId: string;
  /** Null of a claim that belongs to no project. */
  projectId: string | null;
  /** Null of a claim. */
  enrolmentId: string | null;
  trace: StoredLine[];
  decidedAt: Date;
  /** The decision that took its place. */
  reversedById: string | null;
}

/** The steps of a decision, as they are shown. */
export const stepsOf = ({ trace, plannedMinutes }: DecisionRow): ShownLine[] =>
  trace.map((line) => ({ ...fromStored(line), plannedMinutes }));

const columnsOf = (
  teacher: string,
): string => `d.id, d.cause_id AS "causeId", d.teacher_id AS "teacherId",
  c.project_id AS "projectId", c.enrolment_id AS "enrolmentId", d.rule, d.trace,
  d.planned_minutes AS "plannedMinutes", d.attended_minutes AS "attendedMinutes",
  d.credited_minutes AS "creditedMinutes", d.decided_at AS "decidedAt",
  (SELECT n.id FROM recognition_decision n WHERE n.teacher_id = ${teacher}
   AND n.cause_id = d.cause_id AND n.sequence = d.sequence + 1) AS "reversedById"`;
const DECISION = columnsOf('d.teacher_id');

/** Decisions by id, for a DataLoader. */
export const decisionsById: Batch<string, DecisionRow> = async (context, ids) => {
  const rows: DecisionRow[] = await context.db.query(
    `SELECT ${DECISION} FROM recognition_decision d
     JOIN cause c ON c.teacher_id = d.teacher_id AND c.id = d.cause_id
     WHERE d.id = ANY($1::uuid[])`,
    [ids],
  );
  return inOrder(ids, rows, ({ id }) => id);
};

/** Decisions of teachers, key `teacher:decision`, for a DataLoader. */
export const decisionsOfTeachers: Batch<string, DecisionRow> = async (context, keys) => {
  const ofTeacher = ([teacherId, ids]: [string, string[]]): Promise<DecisionRow[]> =>
    context.db.query(
      keyed(`SELECT ${columnsOf('$1')} FROM recognition_decision d
       JOIN cause c ON c.teacher_id = d.teacher_id AND c.id = d.cause_id
       WHERE d.teacher_id = $1 AND d.id = ANY($2::uuid[])`),
      [teacherId, ids],
    );
  const rows = await Promise.all([...byTeacher(keys)].map(ofTeacher));
  return inOrder(keys, rows.flat(), ({ teacherId, id }) => `${teacherId}:${id}`);
};

/** The decisions that hold on enrolments, for a DataLoader. */
export const decisionsOfEnrolments: Batch<string, DecisionRow> = async (context, ids) => {
  const rows: DecisionRow[] = await context.db.query(
    `SELECT ${DECISION} FROM cause c
     CROSS JOIN LATERAL ${liveDecision('c.teacher_id', 'c.id')} d
     WHERE c.enrolment_id = ANY($1::uuid[])`,
    [ids],
  );
  return inOrder(ids, rows, ({ enrolmentId }) => enrolmentId ?? '');
};

/** The decisions that hold on claims, key `teacher:claim`, for a DataLoader. */
export const decisionsOfClaims: Batch<string, DecisionRow> = async (context, keys) => {
  const rows: DecisionRow[] = await context.db.query(
    `SELECT ${DECISION} FROM unnest($1::uuid[], $2::uuid[]) AS k(teacher_id, cause_id)
     JOIN cause c ON c.teacher_id = k.teacher_id AND c.id = k.cause_id
     CROSS JOIN LATERAL ${liveDecision('c.teacher_id', 'c.id')} d`,
    columnsOfKeys(keys),
  );
  return inOrder(keys, rows, ({ teacherId, causeId }) => `${teacherId}:${causeId}`);
};

/** How far the recognition of a project is. */
export interface ProjectRecognitionRow {
  projectId: string;
  credited: number;
  refused: number;
  pending: number;
}

/** {@link ProjectRecognitionRow} for a DataLoader, over all participants. */
export const recognitionOfProjects: Batch<string, ProjectRecognitionRow> = async ({ db }, ids) => {
  const rows: ProjectRecognitionRow[] = await asSystem(db).query(
    `SELECT p.id AS "projectId", decided.credited, decided.refused,
       (SELECT count(*)::int FROM enrolment e
        WHERE e.project_id = p.id AND e.status = 'CONFIRMED'
          AND NOT EXISTS (SELECT 1 FROM cause c WHERE c.enrolment_id = e.id)) AS pending
     FROM unnest($1::uuid[]) AS p(id)
     CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE d.rule IS NULL)::int AS credited,
              count(d.rule)::int AS refused
       FROM cause c CROSS JOIN LATERAL ${liveDecision('c.teacher_id', 'c.id')} d
       WHERE c.project_id = p.id AND c.enrolment_id IS NOT NULL) decided`,
    [ids],
  );
  return inOrder(ids, rows, ({ projectId }) => projectId);
};
