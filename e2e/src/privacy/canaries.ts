import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { DATABASES } from '@yanxiu/cli/provision';
import { checkCharacter, RESERVED_AREA } from '@yanxiu/generator/id-number';
import type { System } from '@yanxiu/testkit/system';

/** Values that stand nowhere else in the world, each with where it was put in. */
export class Canaries {
  readonly #planted = new Map<string, string>();

  /** An ID number as GB 11643 has them, of nobody. */
  idNumber(where: string): string {
    // Born from 1971 to 1998: old enough, whoever she is.
    const day = new Date(Date.UTC(1971, 0, 1 + (this.#planted.size % 10_000)));
    const first17 = `${RESERVED_AREA}${day.toISOString().slice(0, 10).replaceAll('-', '')}977`;
    return this.#plant(first17 + checkCharacter(first17), where);
  }

  /** A mobile number as they look. */
  phone(where: string): string {
    return this.#plant(String(13_977_770_000 + this.#planted.size), where);
  }

  /** A name, which may be shown and is kept nowhere in plain. */
  name(where: string): string {
    return this.#plant(`欧阳金丝雀${String.fromCodePoint(0x7532 + this.#planted.size)}`, where);
  }

  #plant(value: string, where: string): string {
    this.#planted.set(value, where);
    return value;
  }

  /** The numbers among them. */
  get numbers(): string[] {
    return [...this.#planted.keys()].filter((value) => /^\d/.test(value));
  }

  get size(): number {
    return this.#planted.size;
  }

  /** Those that stand in a text, by where they were put in. */
  in(text: string, values: Iterable<string> = this.#planted.keys()): string[] {
    return [...values].filter((value) => text.includes(value)).map((value) => this.#named(value));
  }

  #named = (value: string): string => `${value} (${this.#planted.get(value)})`;

  /** Every file under a folder with a canary in it, whatever the file is. */
  async inFiles(folder: string): Promise<string[]> {
    const values = [...this.#planted.keys()];
    // Files are large and canaries many: they begin with one of a few words.
    const starts = [...new Set(values.map((value) => value.slice(0, 5)))].map((v) =>
      Buffer.from(v),
    );
    const found: string[] = [];
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      if (!entry.isFile()) continue;
      // The server removes files of its own at any time.
      const bytes = await readFile(file).catch(() => Buffer.alloc(0));
      if (!starts.some((start) => bytes.includes(start))) continue;
      for (const value of values) {
        if (bytes.includes(value)) found.push(`${file}: ${this.#named(value)}`);
      }
    }
    return found;
  }

  /** Every table of every database with a row that holds one, as text. */
  async inDatabases(system: System): Promise<{ tables: number; found: string[] }> {
    const pattern = [...this.#planted.keys()].join('|');
    const found: string[] = [];
    let tables = 0;
    for (const database of DATABASES) {
      const client = new pg.Client({ connectionString: await system.databaseUrl(database) });
      await client.connect();
      try {
        const { rows } = await client.query<{ name: string }>(
          `SELECT format('%I.%I', n.nspname, c.relname) AS name
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_%'
             AND n.nspname <> 'information_schema'`,
        );
        for (const { name } of rows) {
          tables += 1;
          const hits = await client.query<{ row: string }>(
            `SELECT t::text AS row FROM ${name} t WHERE t::text ~ $1 LIMIT 3`,
            [pattern],
          );
          for (const { row } of hits.rows) found.push(`${database} ${name}: ${row.slice(0, 500)}`);
        }
      } finally {
        await client.end();
      }
    }
    return { tables, found };
  }
}
