import { isDeepStrictEqual } from 'node:util';
import { SERVICES } from '@yanxiu/contracts/topic-access';
import type { Stage } from '../stage.js';
import { isSnapshots, type TopicMessage } from '../topics.js';
import type { Findings } from './findings.js';

interface State {
  topic: string;
  key: string;
  version: number;
  state: object;
}

/** What stands last of each key in a topic `….state` is the state after its last event. */
export async function checkSnapshots(
  stage: Stage,
  messages: readonly TopicMessage[],
  findings: Findings,
): Promise<void> {
  const last = new Map<string, { version: number | undefined; value: string }>();
  for (const { topic, key, version, value } of messages) {
    if (isSnapshots(topic)) last.set(`${topic} ${key}`, { version, value });
  }
  let known = 0;
  for (const service of SERVICES) {
    const rows = await stage.sql<State>(
      service,
      `SELECT topic || '.state' AS topic, key, version, state FROM outbox_version
       WHERE state IS NOT NULL`,
    );
    known += rows.length;
    for (const { topic, key, version, state } of rows) {
      const found = last.get(`${topic} ${key}`);
      if (!found) {
        findings.lost.push(`I5 ${topic} holds nothing of ${key}`);
      } else if (found.version !== version) {
        findings.wrong.push(`I5 ${topic} ends with ${found.version} of ${version} of ${key}`);
      } else if (!isDeepStrictEqual((JSON.parse(found.value) as { data: object }).data, state)) {
        findings.wrong.push(`I5 ${topic} tells another state of ${key} than its events`);
      }
    }
  }
  if (known === 0) findings.wrong.push('I5 no aggregate has a state');
}
