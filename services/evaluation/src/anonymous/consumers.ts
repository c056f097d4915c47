import { projectRecognised } from '@yanxiu/contracts/training';
import { on, type EventHandler } from '@yanxiu/messaging/handlers';
import { isOpen } from '../project/queries.js';
import { createChannel } from './channel.js';

/** After the project slice has opened the evaluation, its anonymous channel gets its keys. */
export const handlers: readonly EventHandler[] = [
  on(projectRecognised, async ({ data }, { manager }) => {
    if (await isOpen(manager, data.projectId)) await createChannel(manager, data.projectId);
  }),
];
