import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Transport } from '@yanxiu/messaging/port';
import { ConfigError, type ServiceConfig } from '../config.js';
import type { Entity } from '../database.js';
import { RebuildFailed, rebuild, type RebuildResult } from './rebuild.js';
import type { View } from './view.js';

/** What the process tells whoever started it, over its IPC channel. */
export type RebuildMessage =
  | { kind: 'progress'; done: number; total: number }
  | { kind: 'result'; result: RebuildResult }
  | { kind: 'failed'; message: string };

interface Rebuildable {
  name: string;
  entities: readonly Entity[];
  views?: readonly View[];
}

/**
 * The role `rebuild`: `--view NAME [--check] [--by ACCOUNT]`, needs the owner's URL. Ends the
 * process: 0 when it is done.
 */
export async function runRebuild(
  definition: Rebuildable,
  config: ServiceConfig,
  transport: Transport,
): Promise<void> {
  const { argv } = process;
  try {
    const view = viewNamed(definition, optionOf(argv, '--view') ?? '');
    const ownerUrl = config.databaseOwnerUrl;
    if (!ownerUrl) {
      const variable = `DATABASE_OWNER_URL_${definition.name.toUpperCase()}`;
      throw new ConfigError(`a rebuild needs ${variable}: set it`);
    }
    const by = optionOf(argv, '--by') ?? 'owner';
    const result = await rebuild({
      service: definition.name,
      entities: definition.entities,
      ...{ ownerUrl, view, transport },
      checkOnly: argv.includes('--check'),
      onProgress: (done, total) => void tell({ kind: 'progress', done, total }),
      onChange: (client) => audit(client, by, view.name),
    });
    await tell({ kind: 'result', result });
    process.exit(0);
  } catch (error) {
    await tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  }
}

function viewNamed({ name, views = [] }: Rebuildable, wanted: string): View {
  const view = views.find((each) => each.name === wanted);
  if (view) return view;
  const names = views.map((each) => each.name).join(', ') || 'none';
  throw new RebuildFailed(`${name} has no view "${wanted}"; it has: ${names}`);
}

function optionOf(argv: readonly string[], name: string): string | undefined {
  const index = argv.indexOf(name);
  return index >= 0 ? argv[index + 1] : undefined;
}

async function audit(client: pg.ClientBase, by: string, view: string): Promise<void> {
  await client.query(
    `INSERT INTO public.audit
       (id, at, actor, role, unit, action, subject_type, subject_id, request_id)
     VALUES ($1, $2, $3, 'PLATFORM', '', 'view.rebuild', 'View', $4, $5)`,
    [randomUUID(), new Date(), by, view, randomUUID()],
  );
}

function tell(message: RebuildMessage): Promise<void> {
  if (!process.send) {
    process.stdout.write(`${JSON.stringify(message)}\n`);
    return Promise.resolve();
  }
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}
