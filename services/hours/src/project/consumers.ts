import {
  institutionRegistered,
  projectFiled,
  projectStarted,
  projectSubmitted,
  type ProjectData,
} from '@yanxiu/contracts/training';
import { on, type EventHandler } from '@yanxiu/messaging/handlers';
import type { Tx } from '@yanxiu/messaging/transaction';

async function keep(data: ProjectData, { manager }: Tx): Promise<void> {
  await manager.query(
    `INSERT INTO project_copy (id, deliverer_ids) VALUES ($1, $2)
     ON CONFLICT (id) DO UPDATE SET deliverer_ids = excluded.deliverer_ids`,
    [data.projectId, data.delivererIds],
  );
}

/** Keeps who delivers a project: its staff see whether their participants are recognised. */
export const handlers: readonly EventHandler[] = [
  on(institutionRegistered, async ({ data }, { manager }) => {
    await manager.query('INSERT INTO institution_copy (id, code) VALUES ($1, $2)', [
      data.institutionId,
      data.code,
    ]);
  }),
  on(projectSubmitted, ({ data }, tx) => keep(data, tx)),
  on(projectFiled, ({ data }, tx) => keep(data, tx)),
  on(projectStarted, ({ data }, tx) => keep(data, tx)),
];
