import assert from 'node:assert/strict';
import type pg from 'pg';

interface SecondaryIndex {
  name: string;
  /** Of the divided table itself, without its parts. */
  text: string;
  parts: { name: string; text: string }[];
}

/** A reference: the two tables and the columns that have to be equal. */
interface Reference {
  table: string;
  columns: string[];
  target: string;
  targetColumns: string[];
  divided: boolean;
}

const OF = `SELECT inhrelid FROM pg_inherits WHERE inhparent = ANY($1::regclass[])
  UNION ALL SELECT unnest($1::regclass[])`;

const STATE = `
  SELECT 'index ' || pg_get_indexdef(i.indexrelid) || ' ' || i.indisvalid || ' of '
    || coalesce(h.inhparent::regclass::text, '-') AS line
  FROM pg_index i LEFT JOIN pg_inherits h ON h.inhrelid = i.indexrelid WHERE i.indrelid IN (${OF})
  UNION ALL
  SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    || ' ' || convalidated || ' ' || conenforced FROM pg_constraint WHERE conrelid IN (${OF})
  UNION ALL
  SELECT 'trigger ' || tgrelid::regclass || ' ' || regexp_replace(tgname, '\\d+$', '') || ' '
    || tgenabled::text FROM pg_trigger WHERE tgrelid IN (${OF})
  ORDER BY 1`;

const SECONDARY = `
  SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS text,
    (SELECT json_agg(json_build_object('name', inhrelid::regclass::text,
              'text', pg_get_indexdef(inhrelid)) ORDER BY inhrelid)
     FROM pg_inherits WHERE inhparent = i.indexrelid) AS parts
  FROM pg_index i
  WHERE i.indrelid = ANY($1::regclass[])
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
  ORDER BY 1`;

const columnsOf = (relation: string, numbers: string): string =>
  `(SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(${numbers}) WITH ORDINALITY
      AS k(number, place) JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.number)`;

const REFERENCES = `
  SELECT conrelid::regclass::text AS "table", ${columnsOf('conrelid', 'conkey')} AS columns,
    confrelid::regclass::text AS target, ${columnsOf('confrelid', 'confkey')} AS "targetColumns",
    (SELECT relkind = 'p' FROM pg_class WHERE oid = confrelid) AS divided
  FROM pg_constraint
  WHERE contype = 'f' AND conparentid = 0 AND conrelid = ANY($1::regclass[]) ORDER BY 1, 3`;

/** Indexes, constraints and triggers of divided tables, as they were before a load. */
export class Schema {
  private constructor(
    private readonly tables: readonly string[],
    private readonly before: readonly string[],
    private readonly indexes: readonly SecondaryIndex[],
    private readonly references: readonly Reference[],
    private readonly parts: readonly string[],
  ) {}

  static async of(client: pg.Client, tables: readonly string[]): Promise<Schema> {
    const indexes = await client.query<SecondaryIndex>(SECONDARY, [tables]);
    const references = await client.query<Reference>(REFERENCES, [tables]);
    const { rows: parts } = await client.query<{ part: string }>(
      `SELECT substring(inhrelid::regclass::text FROM '_p\\d+$') AS part
       FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY 1`,
      [tables[0]],
    );
    const before = await stateOf(client, tables);
    const names = parts.map(({ part }) => part);
    return new Schema(tables, before, indexes.rows, references.rows, names);
  }

  /** Takes away the indexes that no key hangs on. */
  async dropIndexes(client: pg.Client): Promise<void> {
    for (const { name } of this.indexes) await client.query(`DROP INDEX ${name}`);
  }

  /** Statements that make the indexes of all parts again, each by itself. */
  get leafIndexes(): string[] {
    return this.indexes.flatMap(({ parts }) => parts.map(({ text }) => text));
  }

  /** Makes the indexes of the tables of those of their parts. */
  async attachIndexes(client: pg.Client): Promise<void> {
    for (const { name, text, parts } of this.indexes) {
      await client.query(text);
      for (const part of parts) {
        await client.query(`ALTER INDEX ${name} ATTACH PARTITION ${part.name}`);
      }
    }
  }

  /**
   * Questions whether any reference dangles, for each part. Tables are divided by the same hash of
   * the first column of every reference, so what is referred to lies in the part of the same name.
   */
  danglingQuestions(): string[] {
    return this.references.flatMap(({ table, columns, target, targetColumns, divided }) =>
      this.parts.map((part) => {
        const equal = columns.map((column, i) => `p.${targetColumns[i]} = f.${column}`);
        const given = columns.map((column) => `f.${column} IS NOT NULL`);
        return `SELECT EXISTS (SELECT FROM ${table}${part} f WHERE ${given.join(' AND ')}
          AND NOT EXISTS (SELECT FROM ${target}${divided ? part : ''} p
                          WHERE ${equal.join(' AND ')})) AS dangling`;
      }),
    );
  }

  /** Throws when an index, a constraint or a trigger is missing, not valid or another. */
  async mustBeAsItWas(client: pg.Client): Promise<void> {
    assert.deepEqual(await stateOf(client, this.tables), this.before);
  }
}

async function stateOf(client: pg.Client, tables: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(STATE, [tables]);
  return rows.map(({ line }) => line);
}
