import { SERVICES } from '@yanxiu/contracts/topic-access';
import type { Acknowledged, Client } from '../client.js';
import type { Stage } from '../stage.js';
import type { Findings } from './findings.js';

/** How many audit rows each service had before the client began. */
export type AuditBaseline = ReadonlyMap<string, number>;

const auditCounts = async (stage: Stage): Promise<Map<string, number>> => {
  const counts = new Map<string, number>();
  for (const service of SERVICES) {
    const rows = await stage.sql<{ action: string; count: number }>(
      service,
      // What is read, and what the runner does as whoever is on duty, is no command of the client.
      `SELECT action, count(*)::int AS count FROM audit
       WHERE action NOT LIKE 'dead-letter.%' AND action <> 'personal.read' GROUP BY action`,
    );
    for (const { action, count } of rows) counts.set(`${service} ${action}`, count);
  }
  return counts;
};

export const auditBaseline = (stage: Stage): Promise<AuditBaseline> => auditCounts(stage);

/** I1: every acknowledged command took effect, exactly once. */
export async function checkCommands(
  stage: Stage,
  client: Client,
  baseline: AuditBaseline,
  findings: Findings,
): Promise<void> {
  const done = new Map<string, number>();
  const keys = new Set<string>();
  for (const service of SERVICES) {
    const rows = await stage.sql<{ key: string; action: string }>(
      service,
      'SELECT key, action FROM idempotency WHERE key LIKE $1 AND result IS NOT NULL',
      [`${client.run}-%`],
    );
    for (const { key, action } of rows) {
      keys.add(key);
      const name = `${service} ${action}`;
      done.set(name, (done.get(name) ?? 0) + 1);
    }
  }
  for (const { key, command } of client.acknowledged) {
    if (!keys.has(key)) findings.lost.push(`I1 ${command.name} ${key} was acknowledged`);
  }
  for (const [name, count] of await auditCounts(stage)) {
    const acted = count - (baseline.get(name) ?? 0);
    const extra = acted - (done.get(name) ?? 0);
    if (extra > 0) findings.doubled.push(`I1 ${name} acted ${acted} times, ${extra} too many`);
    if (extra < 0) findings.lost.push(`I1 ${name}: ${-extra} answers without the act`);
  }
  await checkRegistered(stage, client.acknowledged, findings);
  await checkCompleted(stage, client.acknowledged, findings);
  await checkSteps(stage, findings);
}

const named = (log: readonly Acknowledged[], name: string): Acknowledged[] =>
  log.filter(({ command }) => command.name === name);

async function checkRegistered(
  stage: Stage,
  log: readonly Acknowledged[],
  findings: Findings,
): Promise<void> {
  const ids = named(log, 'registerTeachers').flatMap(({ payload }) =>
    (payload['rows'] as { teacher: { id: string } }[]).map(({ teacher }) => teacher.id),
  );
  const rows = await stage.sql<{ id: string; told: number; there: boolean }>(
    'personnel',
    `SELECT a.id, t.id IS NOT NULL AS there,
            (SELECT count(*)::int FROM outbox o WHERE o.key = a.id::text
               AND o.envelope->>'type' = 'cn.yanxiu.personnel.teacher.registered.v1') AS told
     FROM unnest($1::uuid[]) AS a (id) LEFT JOIN teacher t ON t.id = a.id`,
    [ids],
  );
  for (const { id, told, there } of rows) {
    if (!there || told === 0) findings.lost.push(`I1 teacher ${id} is not there or not told of`);
    if (told > 1) findings.doubled.push(`I1 teacher ${id} was told of ${told} times`);
  }
}

async function checkCompleted(
  stage: Stage,
  log: readonly Acknowledged[],
  findings: Findings,
): Promise<void> {
  for (const { command, payload } of named(log, 'completeTrainingClass')) {
    const [row] = await stage.sql<{ count: number }>(
      'training',
      'SELECT count(*)::int AS count FROM participation WHERE class_id = $1',
      [command.input['classId']],
    );
    const [asked, there] = [Number(payload['participations']), row?.count ?? 0];
    const text = `I1 class ${String(command.input['classId'])}: ${there} of ${asked}`;
    if (there < asked) findings.lost.push(text);
    if (there > asked) findings.doubled.push(text);
  }
}

/** No project of the load takes a step twice. */
async function checkSteps(stage: Stage, findings: Findings): Promise<void> {
  const rows = await stage.sql<{ project_id: string; status: string }>(
    'training',
    'SELECT project_id, status FROM project_step GROUP BY 1, 2 HAVING count(*) > 1',
  );
  for (const { project_id, status } of rows) {
    findings.doubled.push(`I1 project ${project_id} became ${status} twice`);
  }
}

/** I9: the same key is answered the same again, for a sample of the log. */
export async function checkSameAnswers(client: Client, findings: Findings): Promise<void> {
  const log = client.acknowledged;
  const every = Math.max(1, Math.floor(log.length / 15));
  for (const { key, command, payload } of log.filter((_, index) => index % every === 0)) {
    const again = await client.attempt(key, command);
    const [before, now] = [payload, again?.data?.[command.name]].map((each) =>
      JSON.stringify(each),
    );
    if (before !== now) {
      const text = `${now ?? JSON.stringify(again)}, before ${before}`;
      findings.wrong.push(`I9 ${command.name} ${key} is answered ${text}`);
    }
  }
}
