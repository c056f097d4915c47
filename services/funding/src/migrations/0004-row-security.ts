import type { MigrationInterface, QueryRunner } from 'typeorm';
import { governs, scopePath } from '@yanxiu/registry/row-security';
import { fence, scopeFunctions } from '@yanxiu/subgraph/row-security';

/** Money of a unit: whoever answers for a subtree that it lies in. */
const OF_UNIT = [
  'funding_base',
  'statutory_requirement',
  'budget',
  'commitment',
  'project_funds',
  'payment',
];

const fences = [
  ...OF_UNIT.flatMap((table) => fence(table, governs(`${table}.unit_code`))),
  ...fence(
    'account_balance',
    'EXISTS (SELECT FROM budget b WHERE b.id = account_balance.budget_id)',
  ),
  ...fence('journal_entry', 'EXISTS (SELECT FROM budget b WHERE b.id = journal_entry.budget_id)'),
  ...fence(
    'journal_line',
    'EXISTS (SELECT FROM journal_entry e WHERE e.id = journal_line.entry_id)',
  ),
];

/** Who reaches which row, as a second fence behind the queries' own filters. */
export class RowSecurity1700000000011 implements MigrationInterface {
  name = 'RowSecurity1700000000011';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...scopeFunctions, scopePath, ...fences])
      await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('the fence is not taken down: correct its policies by a new migration');
  }
}
