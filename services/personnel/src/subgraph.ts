import { assignmentsOf } from '@yanxiu/registry/assignment';
import type { ServiceDefinition } from '@yanxiu/subgraph/service';
import { assignRole, bootstrapAssignment, endRoleAssignment } from './authority/commands.js';
import { handlers as authorityHandlers } from './authority/consumers.js';
import { resolvers as authority } from './authority/resolvers.js';
import { appendOnly, entities, migrations } from './database.js';
import { endLeave, recordLeave, withdrawLeave } from './leave/commands.js';
import { resolvers as leave } from './leave/resolvers.js';
import { moveOrgUnit, registerOrgUnit } from './org-unit/commands.js';
import { resolvers as orgUnit } from './org-unit/resolvers.js';
import { publishDefaultPolicies, registerPolicyInstrument } from './policy/commands.js';
import { draftPolicy, publishPolicy, withdrawPolicyDraft } from './policy/draft.js';
import { personal } from './personal.js';
import { resolvers as policy } from './policy/resolvers.js';
import { sealed } from './sealed.js';
import { changeTeacherClassification, retireTeacher, transferTeacher } from './teacher/commands.js';
import { registerTeachers } from './teacher/register.js';
import { resolvers as teacher } from './teacher/resolvers.js';

/** The tree, teachers and the policy register. */
export const service: ServiceDefinition = {
  name: 'personnel',
  mainUrl: new URL('./main.js', import.meta.url).href,
  slices: [
    { resolvers: orgUnit },
    { resolvers: policy },
    { resolvers: teacher },
    { resolvers: leave },
    { resolvers: authority, handlers: authorityHandlers },
  ],
  assignments: assignmentsOf,
  entities,
  migrations,
  appendOnly,
  views: [
    {
      name: 'institutions',
      tables: ['institution_copy', 'institution_accreditor'],
      handlers: authorityHandlers,
    },
  ],
  personal,
  sealed,
  seedCommands: {
    'orgUnit.register': registerOrgUnit,
    'orgUnit.move': moveOrgUnit,
    'policy.registerInstrument': registerPolicyInstrument,
    'policy.draft': draftPolicy,
    'policy.publish': publishPolicy,
    'policy.withdrawDraft': withdrawPolicyDraft,
    'policy.publishDefaults': publishDefaultPolicies,
    'teacher.registerMany': registerTeachers,
    'teacher.transfer': transferTeacher,
    'teacher.changeClassification': changeTeacherClassification,
    'teacher.retire': retireTeacher,
    'leave.record': recordLeave,
    'leave.end': endLeave,
    'leave.withdraw': withdrawLeave,
    'authority.assign': assignRole,
    'authority.end': endRoleAssignment,
    'authority.bootstrap': bootstrapAssignment,
  },
};
