import type { Context } from '../context.js';
import type { PageArgs } from '../pagination.js';
import { auditEntries, myDataAccesses, type AuditFilter } from './queries.js';

type Field<A> = (parent: unknown, args: A, context: Context) => unknown;

/** Resolvers of the audit log that every service keeps of its own acts. */
export function auditResolvers(service: string): object {
  const entries: Field<PageArgs & { filter?: AuditFilter | null }> = (_parent, args, context) =>
    auditEntries(context, args);
  const mine: Field<PageArgs> = (_parent, args, context) => myDataAccesses(context, args);
  return {
    Query: { [`${service}AuditEntries`]: entries, [`${service}MyDataAccesses`]: mine },
  };
}
