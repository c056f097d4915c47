import type { MigrationInterface, QueryRunner } from 'typeorm';
import { overseesScope } from '@yanxiu/registry/row-security';
import { appendOnlyTrigger } from '@yanxiu/subgraph/database';
import { fence } from '@yanxiu/subgraph/row-security';

/*
 * A draft is written once and ends once: what was compared is what is published. That it takes two
 * persons the database holds too.
 */
const draftTables = [
  `CREATE TABLE policy_draft (
    id uuid PRIMARY KEY,
    key text NOT NULL,
    value jsonb NOT NULL,
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    scope_code text REFERENCES org_unit (code),
    instrument text NOT NULL REFERENCES instrument (citation),
    article text NOT NULL CHECK (article <> ''),
    quotation text NOT NULL CHECK (quotation <> ''),
    -- The newest version of the key that it was compared with; 0: there was none.
    based_on integer NOT NULL CHECK (based_on >= 0),
    drafted_by text NOT NULL,
    unit_code text NOT NULL REFERENCES org_unit (code),
    drafted_at timestamptz NOT NULL,
    UNIQUE (id, drafted_by)
  )`,
  `CREATE TABLE policy_draft_end (
    draft_id uuid PRIMARY KEY,
    drafted_by text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('PUBLISHED', 'WITHDRAWN')),
    ended_by text NOT NULL,
    unit_code text NOT NULL REFERENCES org_unit (code),
    ended_at timestamptz NOT NULL,
    reason text CHECK (outcome = 'PUBLISHED' OR reason <> ''),
    key text,
    version integer,
    FOREIGN KEY (draft_id, drafted_by) REFERENCES policy_draft (id, drafted_by),
    FOREIGN KEY (key, version) REFERENCES policy (key, version),
    UNIQUE (key, version),
    CONSTRAINT two_persons CHECK (outcome <> 'PUBLISHED' OR ended_by <> drafted_by),
    CHECK ((outcome = 'PUBLISHED') = (version IS NOT NULL)),
    CHECK ((key IS NULL) = (version IS NULL)),
    CHECK ((outcome = 'WITHDRAWN') = (reason IS NOT NULL))
  )`,
];

const readers = ['OFFICER', 'COORDINATOR', 'AUDITOR'] as const;

const fences = [
  ...fence('policy_draft', overseesScope('policy_draft.scope_code', readers)),
  ...fence(
    'policy_draft_end',
    'EXISTS (SELECT FROM policy_draft d WHERE d.id = policy_draft_end.draft_id)',
  ),
];

/** Parameters are drafted by one person and published by another. */
export class PolicyDrafts1700000000012 implements MigrationInterface {
  name = 'PolicyDrafts1700000000012';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [
      ...draftTables,
      ...['policy_draft', 'policy_draft_end'].flatMap(appendOnlyTrigger),
      ...fences,
    ]) {
      await queryRunner.query(statement);
    }
  }

  async down(): Promise<void> {
    throw new Error('drafts are on record: this migration has no way back');
  }
}
