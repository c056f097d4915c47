import { classOpened } from '@yanxiu/contracts/training';
import { command, type CommandInput } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { badInput } from '@yanxiu/subgraph/errors';
import { TrainingClass } from './entity.js';
import { deliveryOf, shareProject } from './queries.js';
import { may, mayPrepare, type Modality } from './rules.js';

export interface OpenTrainingClassInput extends CommandInput {
  id?: string;
  projectId: string;
  name: string;
  startsOn: string;
  endsOn: string;
  capacity: number;
  place: string;
  modality: Modality;
}

/** Opens the next class (班次) of a project, by its organiser or a deliverer. */
export async function openTrainingClass(
  context: Context,
  input: OpenTrainingClassInput,
): Promise<{ classId: string }> {
  return command(context, 'class.open', input, async (tx) => {
    const project = await shareProject(tx.manager, input.projectId);
    permit(may(tx.actor, 'open', await deliveryOf(tx.manager, tx.actor, project)));
    enforce(mayPrepare(project));
    const { name, startsOn, endsOn, capacity, place, modality } = input;
    if (endsOn < startsOn) {
      throw badInput('结束日期不得早于开始日期。', 'endsOn must not be before startsOn.');
    }
    if (!name.trim() || capacity < 1) {
      throw badInput(
        '班次须有名称，容量至少为 1。',
        'A class has a name and a capacity from 1 on.',
      );
    }
    const id = input.id ?? tx.newId();
    await tx.manager.query('SELECT pg_advisory_xact_lock(7201, hashtext($1))', [project.id]);
    const number =
      (await tx.manager.maximum(TrainingClass, 'number', { projectId: project.id })) ?? 0;
    await tx.manager.insert(TrainingClass, {
      id,
      projectId: project.id,
      name,
      number: number + 1,
      startsOn,
      endsOn,
      capacity,
      place,
      modality,
      status: 'OPEN',
      openedAt: tx.now,
      completedAt: null,
    });
    await tx.emit(classOpened, project.id, {
      ...{ projectId: project.id, classId: id, at: tx.now.toISOString() },
      ...{ startsOn, endsOn, capacity, modality },
    });
    tx.subject('TrainingClass', id);
    return { classId: id };
  });
}
