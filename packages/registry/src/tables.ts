import { fence, scopeFunctions } from '@yanxiu/subgraph/row-security';
import { scopePath } from './row-security.js';

/** Tables of the local copy of the registry; a computing service's first migration runs these. */
export const registryTables: readonly string[] = [
  // COLLATE "C" so that a path's subtree is one range: path >= p AND path < p || '/'.
  `CREATE TABLE org_unit (
    code text PRIMARY KEY,
    name text NOT NULL,
    tier text NOT NULL,
    sector text,
    stage text,
    parent_code text,
    path text COLLATE "C" NOT NULL,
    valid_from date NOT NULL
  )`,
  'CREATE INDEX org_unit_path ON org_unit (path)',
  `CREATE TABLE org_unit_parent (
    code text NOT NULL,
    parent_code text NOT NULL,
    valid_from date NOT NULL,
    PRIMARY KEY (code, valid_from)
  )`,
  `CREATE TABLE policy (
    key text NOT NULL,
    version integer NOT NULL,
    value jsonb NOT NULL,
    unit text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    scope_code text,
    rules text[] NOT NULL,
    instrument text NOT NULL,
    article text NOT NULL,
    quotation text NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (key, version)
  )`,
];

/**
 * Who holds which role; every service has it, to decide who acts, before there is a scope. In
 * `reach` is who else reads it.
 */
export const assignmentTables = (...reach: readonly string[]): readonly string[] => [
  ...scopeFunctions,
  scopePath,
  `CREATE TABLE role_assignment (
    id uuid PRIMARY KEY,
    subject text NOT NULL,
    role text NOT NULL,
    unit_code text NOT NULL,
    institution text,
    teacher_id uuid,
    valid_from date NOT NULL,
    valid_to date,
    ended_at timestamptz
  )`,
  'CREATE INDEX role_assignment_subject ON role_assignment (subject)',
  ...fence('role_assignment', ...reach),
];
