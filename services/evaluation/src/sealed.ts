import type { Sealed } from '@yanxiu/subgraph/keys/sealed';
import { sealContext } from './anonymous/channel.js';
import { keyring } from './config.js';

/** What evaluation keeps under its keyring: the private keys of the anonymous channels. */
export const sealed: Sealed = {
  keyring,
  tables: [
    {
      table: 'anonymous_channel',
      id: 'project_id',
      columns: ['sealed_private_key'],
      context: (_column, projectId) => sealContext(projectId),
    },
  ],
};
