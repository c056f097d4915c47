import { randomInt, randomUUID } from 'node:crypto';
import { buildClientSchema, getIntrospectionQuery, type GraphQLSchema } from 'graphql';
import pg from 'pg';
import type { DatabaseName } from '@yanxiu/cli/provision';
import {
  CREDENTIAL_HEADER,
  CredentialSigner,
  gatewayKeyFiles,
} from '@yanxiu/subgraph/gateway-credential';
import { checkCharacter, RESERVED_AREA } from '@yanxiu/generator/id-number';
import { startSystem, type PersonaOptions, type System } from '@yanxiu/testkit/system';
import { Agent, request, type Dispatcher } from 'undici';

/** An answer over HTTP as it came. */
export interface Got {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  data: Record<string, unknown> | null;
  errors: {
    message: string;
    path?: (string | number)[];
    extensions: { code?: string; rule?: string; requestId?: string };
  }[];
}

export interface Sending {
  persona?: string;
  options?: PersonaOptions;
  /** A token as it is, good or bad. */
  token?: string;
  headers?: Record<string, string>;
  variables?: unknown;
}

/** What the attacks are about: two counties that are none of each other's business. */
export interface Places {
  city: string;
  /** The attacker's county, and the other one. */
  counties: [string, string];
  schools: [string, string];
  teachers: [string, string];
  /** A project of each county's own. */
  projects: [string, string];
  category: string;
  institution: string;
}

/** The started platform with what the attacks need, and a count of what was sent to it. */
export class Field {
  requests = 0;
  schema!: GraphQLSchema;
  places!: Places;
  readonly #agent = new Agent({ connections: 16 });
  readonly #tokens = new Map<string, Promise<string>>();

  constructor(readonly system: System) {}

  static async open(dataDir?: string): Promise<Field> {
    const system = await startSystem({
      transport: 'postgres',
      ...(dataDir === undefined ? { size: 'bare' } : { dataDir }),
      startLimitMs: 540_000,
    });
    const field = new Field(system);
    try {
      await field.prepare();
    } catch (error) {
      await field.close();
      throw error;
    }
    return field;
  }

  async close(): Promise<void> {
    await this.#agent.close();
    await this.system.stop();
  }

  token(persona: string, options: PersonaOptions = {}): Promise<string> {
    const id = `${persona} ${JSON.stringify(options)}`;
    let token = this.#tokens.get(id);
    if (!token) this.#tokens.set(id, (token = this.system.token(persona, options)));
    return token;
  }

  /** One POST of a document to the gateway. */
  async ask(query: string, sending: Sending = {}): Promise<Got> {
    const { variables } = sending;
    return this.post(JSON.stringify({ query, variables }), sending);
  }

  /** One POST of a body as it is. */
  async post(body: string | Buffer, sending: Sending = {}): Promise<Got> {
    const { persona, options } = sending;
    const token = sending.token ?? (persona && (await this.token(persona, options)));
    return this.http(`${this.system.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
        ...sending.headers,
      },
      body,
    });
  }

  async http(url: string, options: Omit<Dispatcher.RequestOptions, 'path' | 'origin'>) {
    this.requests += 1;
    // A connection of its own: a server may hang up after what it has refused.
    const answer = await request(url, { reset: true, ...options, dispatcher: this.#agent });
    const text = await answer.body.text();
    return gotOf(answer.statusCode, answer.headers, text);
  }

  /** One POST to a service, past the gateway; with the gateway's credential if it is given. */
  async straight(name: string, query: string, sending: Sending, credential?: string) {
    const { services } = await this.system.running();
    const { persona, options, variables } = sending;
    const token = sending.token ?? (persona && (await this.token(persona, options)));
    return this.http(`http://127.0.0.1:${services[name]?.port}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
        ...(credential !== undefined && { [CREDENTIAL_HEADER]: credential }),
        ...sending.headers,
      },
      body: JSON.stringify({ query, variables }),
    });
  }

  /** What the gateway shows a service; only who has its key can make one. */
  async credential(name: string): Promise<string> {
    const { keyFile } = gatewayKeyFiles(this.system.dataDir);
    return (await CredentialSigner.open(keyFile)).credentialFor(name);
  }

  /** As the owner of a service's database. */
  async sql<T extends object>(name: DatabaseName, text: string, values: unknown[] = []) {
    const client = new pg.Client({ connectionString: await this.system.databaseUrl(name) });
    await client.connect();
    try {
      return (await client.query<T>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** The data of a command that must work. */
  async act(name: string, type: string, input: object, select: string, by: Sending) {
    const query = `mutation($input: ${type}!) { ${name}(input: $input) { ${select} } }`;
    const got = await this.ask(query, { ...by, variables: { input } });
    if (got.errors.length > 0) throw new Error(`${name}: ${got.text}`);
    return got.data?.[name];
  }

  county(index: 0 | 1): Sending {
    return { persona: 'county-officer', options: { org: this.places.counties[index] } };
  }

  teacher(index: 0 | 1): Sending {
    return { persona: 'teacher', options: { teacher: this.places.teachers[index] } };
  }

  /** Learns the schema, and makes a teacher and a project in each of two counties. */
  async prepare(): Promise<void> {
    const shown = await this.ask(getIntrospectionQuery(), { persona: 'analyst' });
    this.schema = buildClientSchema(
      shown.data as unknown as Parameters<typeof buildClientSchema>[0],
    );
    const rows = await this.sql<{ school: string; county: string }>(
      'personnel',
      `SELECT DISTINCT ON (c.code) s.code AS school, c.code AS county
       FROM org_unit s JOIN org_unit c ON c.code = s.parent_code
       WHERE s.tier = 'SCHOOL' AND s.sector = 'BASIC' AND s.stage = 'PRIMARY'
         AND c.tier = 'COUNTY' AND c.parent_code = '140400' ORDER BY c.code, s.code LIMIT 2`,
    );
    const [a, b] = rows;
    const [institution] = await this.sql<{ id: string; category: string }>(
      'training',
      `SELECT i.id, a.categories[1] AS category FROM training_institution i
       JOIN accreditation a ON a.institution_id = i.id
       WHERE 'BASIC' = ANY(a.sectors) AND a.valid_to > now() ORDER BY i.code LIMIT 1`,
    );
    if (!a || !b || !institution) throw new Error('the seeded province lacks what attacks need');
    this.places = {
      city: '140400',
      counties: [a.county, b.county],
      schools: [a.school, b.school],
      teachers: ['', ''],
      projects: ['', ''],
      category: institution.category,
      institution: institution.id,
    };
    for (const index of [0, 1] as const) {
      this.places.teachers[index] = await this.#teacher(index);
      this.places.projects[index] = await this.#project(index);
    }
  }

  async #teacher(index: 0 | 1): Promise<string> {
    const row = this.rosterRow(index);
    const registered = await this.act(
      'registerTeachers',
      'RegisterTeachersInput',
      { rows: [row] },
      'rows { status teacher { id } }',
      this.county(index),
    );
    const [{ teacher }] = (registered as { rows: [{ teacher: { id: string } }] }).rows;
    return teacher.id;
  }

  /** A row of a roster with an ID number that nobody has. */
  rosterRow(index: 0 | 1, name = '王小明') {
    const born = new Date(Date.UTC(1970, 0, 1 + randomInt(10_000))).toISOString().slice(0, 10);
    const first17 = `${RESERVED_AREA}${born.replaceAll('-', '')}${900 + randomInt(100)}`;
    return {
      rowNumber: 1,
      name,
      idNumber: first17 + checkCharacter(first17),
      unitCode: this.places.schools[index],
      stage: 'PRIMARY',
      hiredOn: '2015-09-01',
    };
  }

  async #project(index: 0 | 1): Promise<string> {
    const created = await this.act(
      'createTrainingProject',
      'CreateTrainingProjectInput',
      this.projectInput(index),
      'project { id }',
      this.county(index),
    );
    return (created as { project: { id: string } }).project.id;
  }

  projectInput(index: 0 | 1, change: object = {}) {
    return {
      name: `骨干教师培训 ${randomUUID().slice(0, 8)}`,
      level: 'COUNTY',
      sector: 'BASIC',
      category: this.places.category,
      year: new Date().getFullYear(),
      organiserCode: this.places.counties[index],
      delivererIds: [this.places.institution],
      target: { stages: ['PRIMARY'] },
      modes: ['OFFLINE'],
      budget: '1000.00',
      ...change,
    };
  }
}

function gotOf(status: number, headers: Got['headers'], text: string): Got {
  let parsed: Partial<Got> = {};
  try {
    parsed = JSON.parse(text) as Partial<Got>;
  } catch {
    // Not JSON: what it is stands in the text.
  }
  const errors = Array.isArray(parsed.errors) ? parsed.errors : [];
  return {
    status,
    headers,
    text,
    data: parsed.data ?? null,
    errors: errors.map((error) => ({ ...error, extensions: error.extensions ?? {} })),
  };
}
