import { assignmentHandlers, assignmentsOf } from '@yanxiu/registry/assignment';
import { orgUnitHandlers } from '@yanxiu/registry/org-unit';
import { policyHandlers } from '@yanxiu/registry/policy';
import { registryViews } from '@yanxiu/registry/views';
import type { ServiceDefinition } from '@yanxiu/subgraph/service';
import { declareFundingBase } from './base/commands.js';
import { resolvers as base } from './base/resolvers.js';
import { adjustBudget, approveBudget } from './budget/commands.js';
import { resolvers as budget } from './budget/resolvers.js';
import { handlers as commitmentHandlers } from './commitment/consumers.js';
import { resolvers as commitment } from './commitment/resolvers.js';
import { appendOnly, migrations } from './database.js';
import { resolvers as ledger } from './ledger/resolvers.js';
import { recordPayment, reversePayment } from './payment/commands.js';
import { resolvers as payment } from './payment/resolvers.js';
import { personal } from './personal.js';
import { handlers as requirementHandlers } from './requirement/consumers.js';
import { resolvers as requirement } from './requirement/resolvers.js';
import { resolvers as unit } from './unit/resolvers.js';

/** Declarations, statutory minima, budgets, and the ledger of what projects cost. */
export const service: ServiceDefinition = {
  name: 'funding',
  mainUrl: new URL('./main.js', import.meta.url).href,
  slices: [
    { resolvers: unit, handlers: [...orgUnitHandlers, ...policyHandlers, ...assignmentHandlers] },
    { resolvers: base },
    { resolvers: requirement, handlers: requirementHandlers },
    { resolvers: budget },
    { resolvers: ledger },
    { resolvers: commitment, handlers: commitmentHandlers },
    { resolvers: payment },
  ],
  assignments: assignmentsOf,
  entities: [],
  migrations,
  appendOnly,
  personal,
  views: registryViews,
  seedCommands: {
    'base.declare': declareFundingBase,
    'budget.approve': approveBudget,
    'budget.adjust': adjustBudget,
    'payment.record': recordPayment,
    'payment.reverse': reversePayment,
  },
};
