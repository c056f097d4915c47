import type { Migration } from '@yanxiu/subgraph/database';
import type { Unfenced } from '@yanxiu/subgraph/row-security';
import { Ledger1700000000001 } from './migrations/0001-ledger.js';
import { PartitionedLedger1700000000002 } from './migrations/0002-partitioned-ledger.js';
import { Authority1700000000003 } from './migrations/0003-authority.js';
import { AuditOfReads1700000000010 } from './migrations/0003-audit-of-reads.js';
import { RowSecurity1700000000011 } from './migrations/0005-row-security.js';
import { Claims1700000000012 } from './migrations/0006-claims.js';
import { Standings1700000000020 } from './migrations/0010-standings.js';
import { PolicyRecomputation1700000000021 } from './migrations/0011-policy-recomputation.js';
import { Leave1700000000022 } from './migrations/0012-leave.js';
import { Places1700000000030 } from './migrations/0012-places.js';
import { DueTraining1700000000031 } from './migrations/0013-due-training.js';
import { ReportCells1700000000040 } from './migrations/0014-report-cells.js';
import { OpenProjects1700000000041 } from './migrations/0015-open-projects.js';
import { TeacherPlaces1700000000042 } from './migrations/0016-teacher-places.js';
import { SimulationRuns1700000000043 } from './migrations/0017-simulation-runs.js';
import { RecordedWhen1700000000044 } from './migrations/0018-recorded-when.js';
import { Tiers1700000000046 } from './migrations/0019-tiers.js';
import { CauseSessions1700000000047 } from './migrations/0020-cause-sessions.js';
import { TraceText1700000000048 } from './migrations/0021-trace-text.js';

export const migrations: readonly Migration[] = [
  Ledger1700000000001,
  PartitionedLedger1700000000002,
  Authority1700000000003,
  AuditOfReads1700000000010,
  RowSecurity1700000000011,
  Claims1700000000012,
  Standings1700000000020,
  PolicyRecomputation1700000000021,
  Leave1700000000022,
  Places1700000000030,
  DueTraining1700000000031,
  ReportCells1700000000040,
  OpenProjects1700000000041,
  TeacherPlaces1700000000042,
  SimulationRuns1700000000043,
  RecordedWhen1700000000044,
  Tiers1700000000046,
  CauseSessions1700000000047,
  TraceText1700000000048,
];

/** Tables that the database itself keeps from being changed. */
export const appendOnly: readonly string[] = [
  'audit',
  'teacher_post',
  'teacher_leave',
  'org_unit_place',
  'cause',
  'recognition_decision',
  'hour_entry',
  'claim_step',
];

/** Tables that need no row-level security, and why. */
export const unfenced: Unfenced = {
  org_unit_place: 'the tree is public (R20), and what was known of it',
  institution_copy: 'ids and codes of institutions, which policies look up',
  standing_walk: 'how far a walk through all teachers has come; no one asks for it',
  report_seal: 'one row: for which days and years reports are kept; no one asks for it',
  project_copy: 'who delivers a project, which policies look up, and for whom it is',
  class_copy: 'days of classes, by which a project is offered to whoever it is for',
  quota_copy: 'seats of classes by unit, by which a project is offered',
};
