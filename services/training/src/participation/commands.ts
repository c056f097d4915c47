import { participationCompleted } from '@yanxiu/contracts/training';
import { command, type CommandInput, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { closeClass, deliveryOf, lockClass } from '../class/queries.js';
import { isOpen, mayTeach } from '../class/rules.js';
import { completeEnrolments, findParticipants, type Participant } from '../enrolment/queries.js';
import type { TrainingProject } from '../project/entity.js';
import type { Session } from '../session/entity.js';
import { findAttendance, findSessions } from '../session/queries.js';
import { may, mayComplete, registrarOf } from './rules.js';

export interface CompleteTrainingClassInput extends CommandInput {
  classId: string;
}

/** What one participant did: planned and attended minutes of every session. */
interface Completion {
  participationId: string;
  participant: Participant;
  registrarCode: string;
  sessions: ReturnType<typeof attended>[];
}

/** Finishes a class: tells hours of each participant, once. */
export async function completeTrainingClass(
  context: Context,
  input: CompleteTrainingClassInput,
): Promise<{ classId: string; participations: number }> {
  return command(context, 'participation.completeClass', input, async (tx) => {
    const { manager } = tx;
    const { trainingClass, project } = await lockClass(manager, input.classId);
    permit(may(tx.actor, 'complete', await deliveryOf(manager, tx.actor, project)));
    enforce(isOpen(trainingClass));
    enforce(mayTeach(project));
    const classId = trainingClass.id;
    const sessions = await findSessions(manager, classId);
    enforce(mayComplete(sessions));
    const participants = await findParticipants(manager, classId);
    const attendance = await findAttendance(manager, classId);
    const completions = participants.map((participant) => ({
      participationId: tx.newId(),
      participant,
      registrarCode: registrarOf(project.sector, participant),
      sessions: sessions.map((session) =>
        attended(session, attendance.get(participant.enrolmentId)?.get(session.id)),
      ),
    }));
    await insertParticipations(tx, classId, completions);
    await completeEnrolments(manager, classId);
    await closeClass(manager, classId, tx.now);
    await tell(tx, project, classId, completions);
    tx.subject('TrainingClass', classId);
    return { classId, participations: completions.length };
  });
}

/** Of a participant without a record nothing was attended: the session itself was recorded. */
const attended = (session: Session, attendedMinutes = 0) => ({
  sessionId: session.id,
  startsAt: session.startsAt.toISOString(),
  endsAt: session.endsAt.toISOString(),
  modality: session.modality,
  plannedMinutes: session.plannedMinutes,
  attendedMinutes,
});

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

async function insertParticipations(
  tx: CommandTx,
  classId: string,
  completions: readonly Completion[],
): Promise<void> {
  await tx.manager.query(
    `INSERT INTO participation (id, enrolment_id, class_id, registrar_code, planned_minutes,
                                attended_minutes, completed_at)
     SELECT p.id, p.enrolment_id, $1, p.registrar_code, p.planned, p.attended, $2
     FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::int[], $7::int[])
       AS p (id, enrolment_id, registrar_code, planned, attended)`,
    [
      classId,
      tx.now,
      completions.map((c) => c.participationId),
      completions.map((c) => c.participant.enrolmentId),
      completions.map((c) => c.registrarCode),
      completions.map((c) => sum(c.sessions.map((s) => s.plannedMinutes))),
      completions.map((c) => sum(c.sessions.map((s) => s.attendedMinutes))),
    ],
  );
}

async function tell(
  tx: CommandTx,
  project: TrainingProject,
  classId: string,
  completions: readonly Completion[],
): Promise<void> {
  const { id: projectId, level, category } = project;
  await tx.emitAll(
    participationCompleted,
    completions.map(({ participationId, participant, registrarCode, sessions }) => ({
      key: participant.enrolmentId,
      data: {
        enrolmentId: participant.enrolmentId,
        projectId,
        classId,
        teacherId: participant.teacherId,
        unitCode: participant.unitCode,
        at: tx.now.toISOString(),
        participationId,
        level,
        category,
        registrarCode,
        sessions,
      },
    })),
  );
}
