import type { Service } from '@yanxiu/contracts/topic-access';
import type { RebuildResult } from '@yanxiu/subgraph/rebuild/conclude';
import type { Around } from './events/verify.js';
import { table } from './events/table.js';
import { runServiceRole } from './service-role.js';

export interface RebuildOptions {
  check?: boolean;
  json?: boolean;
}

export const SAME_OR_MENDED = 0;
export const FAILED = 1;
export const DIFFERENT = 2;

/** `yanxiu rebuild SERVICE VIEW`: returns the exit code. The service's own program does it. */
export const rebuildView = async (
  service: Service,
  view: string,
  options: RebuildOptions,
  around: Around,
): Promise<number> => {
  const args = ['--roles', 'rebuild', '--view', view, ...(options.check ? ['--check'] : [])];
  const role = { service, args, label: 'events taken' };
  const result = await runServiceRole<RebuildResult>(role, around);
  const { stdout } = around;
  stdout.write(options.json ? `${JSON.stringify(result)}\n` : textOf(service, result));
  return options.check && !result.same ? DIFFERENT : SAME_OR_MENDED;
};

/** What the comparison found, and what was done about it. */
const textOf = (
  service: string,
  { view, events, same, swapped, tables }: RebuildResult,
): string => {
  const found = table(
    ['table', 'rows', 'digest', 'rebuilt rows', 'rebuilt digest', 'added', 'changed', 'removed'],
    tables.map(({ table: name, live, shadow, change }) => [
      name,
      String(live.rows),
      live.digest,
      String(shadow.rows),
      shadow.digest,
      ...[change?.added, change?.changed, change?.removed].map((count) => String(count ?? '')),
    ]),
  );
  const verdict = same ? 'the same' : swapped ? 'different; put right' : 'different; left as it is';
  return `${found}${service} ${view}: ${events} events of the log make it ${verdict}\n`;
};
