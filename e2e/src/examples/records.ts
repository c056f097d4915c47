import pg from 'pg';
import type { Step } from '@yanxiu/generator/step';
import type { System } from '@yanxiu/testkit/system';

/** What an event of the log says, with its type as `<subject>.<action>`. */
export interface Fact {
  type: string;
  key: string;
  version: number;
  data: Record<string, unknown>;
}

/** What happened: the event log as it stands, and the commands that the generator gave. */
export class Records {
  private constructor(
    readonly facts: readonly Fact[],
    readonly steps: readonly Step[],
  ) {}

  static async read(system: System, steps: readonly Step[]): Promise<Records> {
    const client = new pg.Client({ connectionString: await system.databaseUrl('events') });
    await client.connect();
    try {
      const { rows } = await client.query<Fact>(
        `SELECT regexp_replace(e.value ->> 'type', '^cn\\.yanxiu\\.[a-z]+\\.(.*)\\.v1$', '\\1') AS type,
           key, (e.value ->> 'aggregateversion')::int AS version, e.value -> 'data' AS data
         FROM (SELECT key, value::jsonb AS value FROM log) e ORDER BY key, version`,
      );
      return new Records(rows, steps);
    } finally {
      await client.end();
    }
  }

  /** The data of all events of these types; of one key in their order. */
  of<T>(...types: string[]): T[] {
    return this.facts.filter(({ type }) => types.includes(type)).map(({ data }) => data as T);
  }

  /** The inputs of a command, with its instant. */
  commands<T>(command: string): (T & { at: string; actingFor: string })[] {
    return this.steps
      .filter((step) => step.command === command && !step.expect)
      .map(({ input, at, actor }) => ({ ...(input as T), at, actingFor: actor.unit }));
  }
}
