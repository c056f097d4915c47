import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Transport } from '@yanxiu/messaging/port';
import { ConfigError, type ServiceConfig } from '../config.js';
import type { Entity } from '../database.js';
import { optionOf, runTask, tellProgress } from '../process-role.js';
import { RebuildFailed, type RebuildResult } from './conclude.js';
import { rebuild } from './rebuild.js';
import type { DerivedView, View } from './view.js';

interface Rebuildable {
  name: string;
  entities: readonly Entity[];
  views?: readonly (View | DerivedView)[];
}

/**
 * The role `rebuild`: `--view NAME [--check] [--by ACCOUNT]`, needs the owner's URL. Ends the
 * process: 0 when it is done.
 */
export function runRebuild(
  definition: Rebuildable,
  config: ServiceConfig,
  transport: Transport,
): Promise<never> {
  return runTask<RebuildResult>(async () => {
    const view = viewNamed(definition, optionOf('--view') ?? '');
    const ownerUrl = config.databaseOwnerUrl;
    if (!ownerUrl) {
      const variable = `DATABASE_OWNER_URL_${definition.name.toUpperCase()}`;
      throw new ConfigError(`a rebuild needs ${variable}: set it`);
    }
    const by = optionOf('--by') ?? 'owner';
    return rebuild({
      service: definition.name,
      entities: definition.entities,
      ...{ ownerUrl, view, transport },
      checkOnly: process.argv.includes('--check'),
      onProgress: tellProgress,
      onChange: (client) => audit(client, by, view.name),
    });
  });
}

function viewNamed({ name, views = [] }: Rebuildable, wanted: string): View | DerivedView {
  const view = views.find((each) => each.name === wanted);
  if (view) return view;
  const names = views.map((each) => each.name).join(', ') || 'none';
  throw new RebuildFailed(`${name} has no view "${wanted}"; it has: ${names}`);
}

async function audit(client: pg.ClientBase, by: string, view: string): Promise<void> {
  await client.query(
    `INSERT INTO public.audit
       (id, at, actor, role, unit, action, subject_type, subject_id, request_id)
     VALUES ($1, $2, $3, 'PLATFORM', '', 'view.rebuild', 'View', $4, $5)`,
    [randomUUID(), new Date(), by, view, randomUUID()],
  );
}
