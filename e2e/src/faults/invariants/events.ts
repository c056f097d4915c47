import { SERVICES, accessOf, type Service } from '@yanxiu/contracts/topic-access';
import type { Stage } from '../stage.js';
import { dumpTopics, isSnapshots, type TopicMessage } from '../topics.js';
import type { Findings } from './findings.js';
import { checkSnapshots } from './snapshots.js';

interface OutboxEvent {
  id: string;
  topic: string;
  key: string;
  version: number;
}

const slot = ({ topic, key, version }: Omit<OutboxEvent, 'id'>): string =>
  `${topic} ${key} ${version}`;

/** I5, I7: what was written is what the topics hold is what each consumer took, in its order. */
export async function checkEvents(stage: Stage, findings: Findings): Promise<void> {
  const written: OutboxEvent[] = [];
  for (const service of SERVICES) {
    written.push(
      ...(await stage.sql<OutboxEvent>(
        service,
        'SELECT event_id AS id, topic, key, version FROM outbox ORDER BY topic, key, version',
      )),
    );
  }
  const messages = await dumpTopics(stage);
  checkTopics(written, messages, findings);
  checkVersions(written, messages, findings);
  await checkSnapshots(stage, messages, findings);
  await checkTaken(stage, written, findings);
  await checkCauses(stage, findings);
  await checkLeftOver(stage, findings);
}

function checkTopics(
  written: readonly OutboxEvent[],
  messages: readonly TopicMessage[],
  findings: Findings,
): void {
  const held = new Set(messages.map(({ id }) => id));
  const newest = new Map(written.map((event) => [`${event.topic} ${event.key}`, event.version]));
  for (const event of written) {
    // A snapshot may be passed over for a newer one.
    const superseded = event.version < (newest.get(`${event.topic} ${event.key}`) ?? 0);
    if (isSnapshots(event.topic) && superseded) continue;
    if (!held.has(event.id)) findings.lost.push(`I5 no topic holds ${slot(event)} (${event.id})`);
  }
  const known = new Set(written.map(slot));
  const ids = new Set(written.map(({ id }) => id));
  for (const { topic, key, version, id } of messages) {
    if (version === undefined || id === undefined || key.startsWith('poison-')) continue;
    if (isSnapshots(topic) ? ids.has(id) : known.has(slot({ topic, key, version }))) continue;
    findings.wrong.push(`I5 ${topic} holds ${key} ${version}, which nobody wrote`);
  }
}

/** Numbers rise by one, in the outbox and as each first stands in its topic. */
function checkVersions(
  written: readonly OutboxEvent[],
  messages: readonly TopicMessage[],
  findings: Findings,
): void {
  const next = (seen: Map<string, number>, topic: string, key: string, version: number) => {
    const before = seen.get(`${topic} ${key}`) ?? 0;
    seen.set(`${topic} ${key}`, Math.max(before, version));
    return { before, rises: version === before + 1 };
  };
  const inOutbox = new Map<string, number>();
  for (const { topic, key, version } of written) {
    if (isSnapshots(topic)) continue;
    const { before, rises } = next(inOutbox, topic, key, version);
    if (!rises) findings.wrong.push(`I7 outbox: ${topic} ${key} has ${version} after ${before}`);
  }
  const inTopics = new Map<string, number>();
  for (const { topic, key, version } of messages) {
    if (version === undefined || isSnapshots(topic)) continue;
    const { before, rises } = next(inTopics, topic, key, version);
    if (!rises && version > before) {
      findings.wrong.push(`I7 topic ${topic}: ${key} has ${version} after ${before}`);
    }
  }
}

/** Each consumer took each event once, and its mark stands at the last. */
async function checkTaken(
  stage: Stage,
  written: readonly OutboxEvent[],
  findings: Findings,
): Promise<void> {
  for (const consumer of SERVICES) {
    const topics = accessOf(consumer).reads;
    const said = await stage.sql<{ topic: string }>(consumer, 'SELECT topic FROM inbox_topic');
    if (String(said.map(({ topic }) => topic).sort()) !== String(topics)) {
      findings.wrong.push(`I5 ${consumer} is not subscribed to ${topics.join(', ')}`);
    }
    const rows = await stage.sql<{ id: string; times: number }>(
      consumer,
      'SELECT event_id AS id, count(*)::int AS times FROM inbox_taken GROUP BY 1',
    );
    const times = new Map(rows.map(({ id, times: count }) => [id, count]));
    for (const event of written) {
      if (!topics.includes(event.topic)) continue;
      const taken = times.get(event.id) ?? 0;
      if (taken === 0) findings.lost.push(`I5 ${consumer} never took ${slot(event)}`);
      if (taken > 1) findings.doubled.push(`I5 ${consumer} took ${slot(event)} ${taken} times`);
    }
    await checkMarks(stage, consumer, written, findings);
  }
}

async function checkMarks(
  stage: Stage,
  consumer: Service,
  written: readonly OutboxEvent[],
  findings: Findings,
): Promise<void> {
  const last = new Map<string, number>();
  for (const { topic, key, version } of written) last.set(`${topic} ${key}`, version);
  const marks = await stage.sql<{ topic: string; key: string; version: number }>(
    consumer,
    "SELECT topic, key, version FROM inbox WHERE NOT key LIKE 'poison-%'",
  );
  for (const { topic, key, version } of marks) {
    const wanted = last.get(`${topic} ${key}`) ?? 0;
    if (version !== wanted) {
      findings.wrong.push(`I5 ${consumer} stands at ${version} of ${wanted} of ${topic} ${key}`);
    }
  }
}

/** No event made a consumer say the same twice. */
async function checkCauses(stage: Stage, findings: Findings): Promise<void> {
  for (const service of SERVICES) {
    const rows = await stage.sql<{ type: string; key: string; count: number }>(
      service,
      `SELECT envelope->>'type' AS type, key, count(*)::int AS count FROM outbox
       WHERE envelope ? 'causationid' AND NOT topic LIKE '%.state'
       GROUP BY envelope->>'causationid', topic, key, 1,
                (envelope->'data') - 'at' - 'decisionId' - 'entryId' - 'id'
       HAVING count(*) > 1`,
    );
    for (const { type, key, count } of rows) {
      findings.doubled.push(`I5 ${service} said ${type} of ${key} ${count} times for one cause`);
    }
  }
}

async function checkLeftOver(stage: Stage, findings: Findings): Promise<void> {
  for (const service of SERVICES) {
    const [row] = await stage.sql<{ unsent: number; held: number; dead: number; why: string }>(
      service,
      `SELECT (SELECT count(*)::int FROM outbox WHERE published_at IS NULL) AS unsent,
              (SELECT count(*)::int FROM inbox_held) AS held,
              (SELECT count(*)::int FROM dead_letter WHERE resolved_at IS NULL
                 AND NOT coalesce(key, '') LIKE 'poison-%') AS dead,
              (SELECT string_agg(topic || ' ' || fault || ': ' || left(detail, 200), '; ')
               FROM dead_letter) AS why`,
    );
    if (row?.unsent) findings.wrong.push(`${service} has ${row.unsent} events not sent`);
    if (row?.held) findings.wrong.push(`${service} holds ${row.held} events aside`);
    if (row?.dead) findings.wrong.push(`${service} has ${row.dead} dead letters (${row.why})`);
  }
}
