import type pg from 'pg';
import { digestOf } from './compare.js';
import { conclude, standStill, type RebuildOptions, type RebuildResult } from './conclude.js';
import { SHADOW, connectShadow } from './shadow.js';
import type { DerivedView } from './view.js';

/**
 * Makes a view anew from the records that it follows from, in one snapshot of them, and compares
 * or mends it there. Writers of the view wait while it is mended, not while it is compared.
 */
export async function deriveAndCompare(
  options: RebuildOptions & { view: DerivedView },
): Promise<RebuildResult> {
  const { view, checkOnly } = options;
  const shadow = await connectShadow(options.ownerUrl, options.entities);
  const runner = shadow.createQueryRunner();
  const { manager } = runner;
  try {
    const client = (await runner.connect()) as pg.ClientBase;
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    // The snapshot is taken by the first statement after the locks.
    const held = checkOnly ? (view.still ?? []) : view.tables;
    if (held.length > 0) await standStill(client, { tables: held });
    await client.query('SET LOCAL search_path TO public');
    await view.settle?.(manager);
    await client.query(`SET LOCAL search_path TO ${SHADOW}, public`);
    const owners = await view.derive(manager, options.onProgress);
    const tables = [];
    for (const table of view.tables) {
      const by = view.comparedBy?.[table];
      const live = await digestOf(client, 'public', table, by);
      tables.push({ table, live, shadow: await digestOf(client, SHADOW, table, by), change: null });
    }
    return await conclude(client, options, owners, tables);
  } catch (error) {
    await runner.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
    await shadow.destroy();
  }
}
