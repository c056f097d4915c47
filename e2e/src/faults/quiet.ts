import { SERVICES, accessOf, type Service } from '@yanxiu/contracts/topic-access';
import { until } from '@yanxiu/testkit/waiting';
import type { Stage } from './stage.js';

const count = async (stage: Stage, table: 'outbox_version' | 'inbox', service: Service) => {
  const rows = await stage.sql<{ topic: string; sum: number }>(
    service,
    `SELECT topic, sum(version)::int AS sum FROM ${table}
     WHERE NOT key LIKE 'poison-%' GROUP BY topic`,
  );
  return new Map(rows.map(({ topic, sum }) => [topic, sum]));
};

/** What is still on its way, in words; empty when nothing is. */
export async function onItsWay(stage: Stage): Promise<string[]> {
  const left: string[] = [];
  const written = new Map<string, number>();
  for (const service of SERVICES) {
    const [row] = await stage.sql<{ unsent: number; held: number }>(
      service,
      `SELECT (SELECT count(*)::int FROM outbox WHERE published_at IS NULL) AS unsent,
              (SELECT count(*)::int FROM inbox_held) AS held`,
    );
    if (row?.unsent) left.push(`${row.unsent} events of ${service} not sent`);
    if (row?.held) left.push(`${row.held} events held in ${service}`);
    for (const [topic, sum] of await count(stage, 'outbox_version', service)) {
      written.set(topic, sum);
    }
  }
  for (const consumer of SERVICES) {
    const taken = await count(stage, 'inbox', consumer);
    for (const topic of accessOf(consumer).reads) {
      const behind = (written.get(topic) ?? 0) - (taken.get(topic) ?? 0);
      if (behind !== 0) left.push(`${consumer} is ${behind} behind on ${topic}`);
    }
  }
  return left;
}

/** Resolves, with the seconds that it took, when everything written has been taken everywhere. */
export async function untilQuiet(stage: Stage, limitMs: number): Promise<number> {
  const begun = performance.now();
  let left: string[] = [];
  let calm = 0;
  await until(
    async () => {
      left = await onItsWay(stage);
      calm = left.length === 0 ? calm + 1 : 0;
      return calm === 2;
    },
    { timeoutMs: limitMs, everyMs: 250, message: () => `quiet: ${left.join(', ')}` },
  );
  return (performance.now() - begun) / 1_000;
}

/** Resolves when training has heard of the teacher that personnel was told of. */
export const untilHeard = (stage: Stage, teacherId: string, limitMs: number): Promise<unknown> =>
  until(
    () =>
      stage
        .sql('training', 'SELECT 1 FROM teacher_copy WHERE id = $1', [teacherId])
        .then((r) => r.length),
    { timeoutMs: limitMs, everyMs: 50, message: 'training to hear of a new teacher' },
  );
