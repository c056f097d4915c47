import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OVERSEERS, governs } from '@yanxiu/registry/row-security';
import { localDateSql } from '@yanxiu/subgraph/calendar';
import { fence } from '@yanxiu/subgraph/row-security';

/*
 * What a unit's report of a year gains and loses: from a day on that it is about (valid_from), by
 * what was recorded on a day (known_on). A report is the sum of what begins by both of its days.
 */
const cells = [
  `CREATE TABLE report_cell (
    unit_code text NOT NULL,
    year smallint NOT NULL,
    known_on date NOT NULL,
    valid_from date NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('MET', 'SHORT', 'NOT_REGULATED', 'EXEMPT')),
    teachers integer NOT NULL,
    centihours bigint NOT NULL,
    PRIMARY KEY (unit_code, year, known_on, valid_from, verdict)
  )`,
  'CREATE INDEX report_cell_known ON report_cell (known_on)',
  // Cells hold for these years and for days of knowledge up to `through`. What is recorded of a
  // day up to `claimed` sets both back.
  `CREATE TABLE report_seal (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    through date NOT NULL DEFAULT '-infinity',
    claimed date NOT NULL DEFAULT '-infinity',
    settled_after xid8,
    first_year smallint NOT NULL DEFAULT 0,
    last_year smallint NOT NULL DEFAULT -1,
    CHECK (through <= claimed)
  )`,
  'INSERT INTO report_seal DEFAULT VALUES',
  // Rows lie in the order of their recording: a few pages tell where a day's are.
  'CREATE INDEX hour_entry_recorded ON hour_entry USING brin (recorded_at)',
];

/** SQL of a trigger's function that sets the seal back to before the day in `first`. */
const setBack = (name: string, first: string): string => `
  CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE report_seal SET claimed = f.day - 1, through = least(through, f.day - 1)
      FROM (${first}) AS f(day) WHERE claimed >= f.day;
      RETURN NULL;
    END $$`;

const onInsert = (table: string, name: string): string => `
  CREATE TRIGGER ${table}_report AFTER INSERT ON ${table}
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ${name}()`;

/*
 * What is recorded late in a day that was sealed, or counts for all time: a unit's first place when
 * somebody has served there, the first version of a parameter.
 */
const triggers = [
  setBack('report_recorded', `SELECT min(${localDateSql('recorded_at')}) FROM added`),
  ...['hour_entry', 'teacher_post', 'teacher_leave'].map((table) =>
    onInsert(table, 'report_recorded'),
  ),
  setBack(
    'report_placed',
    `SELECT min(CASE WHEN EXISTS (SELECT FROM org_unit_place p WHERE p.code = a.code AND p.seq < a.seq)
                  THEN ${localDateSql('a.recorded_at')}
                WHEN EXISTS (SELECT FROM teacher_post p WHERE p.unit_code = a.code)
                  THEN '-infinity'
                ELSE ${localDateSql('a.recorded_at')} END) FROM added a`,
  ),
  onInsert('org_unit_place', 'report_placed'),
  setBack(
    'report_published',
    `SELECT min(CASE WHEN EXISTS (SELECT FROM policy p WHERE p.key = a.key
                                    AND p.published_at < a.published_at)
                  THEN ${localDateSql('a.published_at')} ELSE '-infinity' END) FROM added a`,
  ),
  onInsert('policy', 'report_published'),
  // A copy that is mended by a rebuild.
  setBack('report_corrected', `SELECT '-infinity'::date`),
  `CREATE TRIGGER policy_report_corrected AFTER UPDATE OR DELETE ON policy
    FOR EACH STATEMENT EXECUTE FUNCTION report_corrected()`,
];

/** Reports of past days as sums over what was known when. */
export class ReportCells1700000000040 implements MigrationInterface {
  name = 'ReportCells1700000000040';

  async up(queryRunner: QueryRunner): Promise<void> {
    const fences = fence('report_cell', governs('report_cell.unit_code', OVERSEERS));
    for (const statement of [...cells, ...triggers, ...fences]) {
      await queryRunner.query(statement);
    }
  }

  async down(): Promise<void> {
    throw new Error('reports stay as they were known: this migration has no way back');
  }
}
