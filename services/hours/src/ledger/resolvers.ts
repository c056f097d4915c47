import { load, requireActor, type Context } from '@yanxiu/subgraph/context';
import { notFound } from '@yanxiu/subgraph/errors';
import { pageOf } from '@yanxiu/subgraph/pagination';
import type { Resolvers } from '../generated/graphql.js';
import { decisionsOfTeachers, stepsOf } from '../recognition/queries.js';
import { seenUntil, seesRecord } from '../teacher/queries.js';
import { isUuid } from '../teacher/rules.js';
import { entriesById, entriesOfTeacher, type HourEntryRow } from './queries.js';
import { entryWords } from './rules.js';

async function entryOf(context: Context, id: string): Promise<HourEntryRow | null> {
  const row = isUuid(id) ? await load(context, entriesById, id) : null;
  return row && (await seesRecord(context, row.teacherId, row.recordedAt)) ? row : null;
}

async function decisionOf({ teacherId, decisionId }: HourEntryRow, _: unknown, context: Context) {
  const decision = await load(context, decisionsOfTeachers, `${teacherId}:${decisionId}`);
  if (!decision) throw new Error(`entry without decision ${decisionId}`);
  return decision;
}

export const resolvers: Resolvers = {
  Query: {
    async explain(_, { entryId }, context) {
      requireActor(context);
      const entry = await entryOf(context, entryId);
      if (entry) return entry;
      throw notFound({ zh: '学时记录', en: 'hour entry' }, entryId);
    },
    async hourEntry(_, { id }, context) {
      requireActor(context);
      const entry = await entryOf(context, id);
      if (entry) return entry;
      throw notFound({ zh: '学时记录', en: 'hour entry' }, id);
    },
  },
  HourEntry: {
    __resolveReference: ({ id }, context) => entryOf(context, id),
    hours: ({ centihours }) => centihours,
    teacher: ({ teacherId }) => ({ id: teacherId }),
    decision: decisionOf,
    reverses: ({ reversesEntryId }, _, context) =>
      reversesEntryId ? load(context, entriesById, reversesEntryId) : null,
    unit: ({ unitCode }) => ({ code: unitCode }),
    registrar: ({ registrarCode }) => ({ code: registrarCode }),
    project: ({ projectId }) => (projectId ? { id: projectId } : null),
  },
  EntryExplanation: {
    text: (entry, _, { locale }) => entryWords(entry)[locale],
    entry: (entry) => entry,
    steps: async (entry, _, context) => stepsOf(await decisionOf(entry, _, context)),
  },
  Teacher: {
    __resolveReference: ({ id }) => ({ id }),
    async hourEntries({ id }, { year, ...args }, context) {
      const until = await seenUntil(context, id);
      if (!until) return null;
      const filter = { year: year ?? null, until: until === 'NOW' ? null : until };
      return entriesOfTeacher(context, id, filter, pageOf(args, 'instant', 'uuid'));
    },
  },
};
