import type { Resolvers } from '../generated/graphql.js';
import { moveOrgUnit, registerOrgUnit } from './commands.js';
import {
  ancestors,
  children,
  governance,
  orgUnit,
  orgUnits,
  parent,
  unitByCode,
  unitById,
} from './queries.js';
import type { Context } from '@yanxiu/subgraph/context';

async function loaded(context: Context, { code }: { code: string }) {
  const unit = await unitByCode(context, code);
  if (!unit) throw new Error(`org unit ${code} is gone after its command`);
  return { orgUnit: unit };
}

export const resolvers: Resolvers = {
  Query: {
    orgUnit: (_, { code, on }, context) => orgUnit(context, code, on ?? null),
    orgUnits: (_, args, context) => orgUnits(context, args),
  },
  Mutation: {
    registerOrgUnit: async (_, { input }, context) =>
      loaded(context, await registerOrgUnit(context, input)),
    moveOrgUnit: async (_, { input }, context) =>
      loaded(context, await moveOrgUnit(context, input)),
  },
  OrgUnit: {
    __resolveReference: (reference, context) =>
      'code' in reference
        ? unitByCode(context, String(reference.code))
        : unitById(context, String(reference.id)),
    parent: (unit, { on }, context) => parent(context, unit, on ?? null),
    ancestors: (unit, { on }, context) => ancestors(context, unit, on ?? null),
    children: (unit, args, context) => children(context, unit, args),
    governance: (unit, { on }, context) => governance(context, unit, on ?? null),
  },
};
