import type { EntityManager } from 'typeorm';
import { localDate } from '@yanxiu/subgraph/calendar';
import { load, nowOf, type Batch, type Context } from '@yanxiu/subgraph/context';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import type { PolicySet } from '@yanxiu/registry/policy';
import {
  instrumentById,
  itemsOf,
  type Instrument,
  type InstrumentItem,
} from '../instrument/queries.js';
import type { ChannelResult } from '../project/rules.js';
import { anonymousResult, takesResponses, withheld } from './rules.js';

/** What anyone may know of a project's anonymous channel. */
export interface AnonymousChannel {
  projectId: string;
  projectName: string;
  open: boolean;
  deadline: string;
  publicKey: string;
  instrument: Instrument;
  items: readonly InstrumentItem[];
}

interface ChannelRow {
  projectId: string;
  projectName: string;
  state: string;
  deadline: string;
  publicKey: string;
  instrumentId: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What {@link AnonymousChannel} tells anyone, of a row that is otherwise not for all. */
const channelByProject: Batch<string, ChannelRow> = async ({ db }, keys) => {
  const rows: ChannelRow[] = await asSystem(db).query(
    `SELECT c.project_id AS "projectId", e.project_name AS "projectName", e.state,
            e.deadline::text AS deadline, c.public_key AS "publicKey",
            e.anonymous_instrument_id AS "instrumentId"
     FROM anonymous_channel c JOIN project_evaluation e USING (project_id)
     WHERE c.project_id = ANY($1::uuid[])`,
    [keys.filter((key) => UUID.test(key))],
  );
  return keys.map((key) => rows.find((row) => row.projectId === key.toLowerCase()) ?? null);
};

/** The anonymous channel of a project; null before it opened. */
export async function anonymousChannel(
  context: Context,
  projectId: string,
): Promise<AnonymousChannel | null> {
  const row = await load(context, channelByProject, projectId);
  const instrument = row && (await load(context, instrumentById, row.instrumentId));
  if (!row || !instrument) return null;
  return {
    projectId: row.projectId,
    projectName: row.projectName,
    open: takesResponses(row, localDate(nowOf(context))),
    deadline: row.deadline,
    publicKey: row.publicKey,
    instrument,
    items: instrument.items,
  };
}

/** How many responses a project has. */
export async function responseCount(manager: EntityManager, projectId: string): Promise<number> {
  const rows: { count: number }[] = await manager.query(
    'SELECT count(*)::int AS count FROM anonymous_response WHERE project_id = $1',
    [projectId],
  );
  return rows[0]?.count ?? 0;
}

async function answersOf(manager: EntityManager, projectIds: string[]): Promise<number[][]> {
  const rows: { answers: number[] }[] = await manager.query(
    'SELECT answers FROM anonymous_response WHERE project_id = ANY($1::uuid[]) ORDER BY answers',
    [projectIds],
  );
  return rows.map(({ answers }) => answers);
}

/** The result of a project's anonymous channel, for its closing (EVAL-ANON, EVAL-RELIABLE). */
export async function anonymousResultOf(
  manager: EntityManager,
  evaluation: { projectId: string; anonymousInstrumentId: string | null },
  policies: PolicySet,
): Promise<ChannelResult> {
  const items = await itemsOf(manager, evaluation.anonymousInstrumentId);
  return anonymousResult(items, await answersOf(manager, [evaluation.projectId]), {
    minResponses: policies.value<number>('evaluation.minResponses'),
    alphaWarn: policies.value<number>('evaluation.alphaWarn'),
  });
}

/** Answers of several projects, for a pooled result. */
export const pooledAnswers = answersOf;

/** While responses still come in no result is shown: two readings would differ by one response. */
export async function runningResultOf(
  manager: EntityManager,
  projectId: string,
): Promise<ChannelResult> {
  return withheld(await responseCount(manager, projectId), {
    zh: '评估尚未结束，匿名结果在结束后公布（EVAL-ANON）。',
    en: 'The anonymous result is shown when the evaluation is closed (EVAL-ANON).',
  });
}
