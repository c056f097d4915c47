import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { SERVICES, type Service } from '@yanxiu/contracts/topic-access';

/** One database with its two roles: the owner migrates, the app runs and owns nothing. */
export interface DatabaseNames {
  database: string;
  owner: string;
  app: string;
  /** Further roles that may connect and own nothing, by service. */
  services?: Readonly<Record<Service, string>>;
}

export interface DatabaseUrls {
  ownerUrl: string;
  appUrl: string;
  /** Only of the event log: as each service's own role there. */
  serviceUrls?: Readonly<Record<Service, string>>;
}

/** Role name → generated password. */
export type Credentials = Record<string, string>;

/** Everything that has a database of its own: the five services and the event log. */
export const DATABASES = [
  'personnel',
  'training',
  'hours',
  'funding',
  'evaluation',
  'events',
] as const;
export type DatabaseName = (typeof DATABASES)[number];

export const newPassword = (): string => randomBytes(24).toString('hex');

/** A value for each service. */
export const forEachService = <T>(valueOf: (service: Service) => T): Record<Service, T> =>
  Object.fromEntries(SERVICES.map((service) => [service, valueOf(service)])) as Record<Service, T>;

const named = (name: string): string => pg.escapeIdentifier(name);

/** The same server with another user and database. */
export const urlFor = (
  server: string,
  to: { user: string; password: string; database: string },
): string => {
  const url = new URL(server);
  url.username = to.user;
  url.password = to.password;
  url.pathname = `/${to.database}`;
  return url.href;
};

const withClient = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const ensureRole = async (client: pg.Client, role: string, password: string): Promise<void> => {
  const found = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  const verb = found.rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(
    `${verb} ROLE ${named(role)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION ` +
      `NOBYPASSRLS PASSWORD ${pg.escapeLiteral(password)}`,
  );
  // Readers of the event log wait for the oldest open transaction of the whole server: one that a
  // session has forgotten must not hold up every service's events.
  await client.query(`ALTER ROLE ${named(role)} SET idle_in_transaction_session_timeout = '60s'`);
};

/** Roles that use the database and own nothing in it. */
const usersOf = ({ app, services }: DatabaseNames): string[] => [
  app,
  ...Object.values(services ?? {}),
];

const ensureDatabase = async (client: pg.Client, names: DatabaseNames): Promise<void> => {
  const database = named(names.database);
  const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [
    names.database,
  ]);
  if (found.rowCount === 0) {
    await client.query(`CREATE DATABASE ${database} OWNER ${named(names.owner)}`);
  }
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  for (const role of usersOf(names)) {
    await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${named(role)}`);
  }
};

/** Makes, or brings back to what they must be, one database and its two roles. */
export const provisionDatabase = async (
  superuserUrl: string,
  names: DatabaseNames,
  passwords: Credentials,
): Promise<DatabaseUrls> => {
  const passwordOf = (role: string): string => {
    const password = passwords[role];
    if (!password) throw new Error(`no password for the database role ${role}`);
    return password;
  };
  await withClient(superuserUrl, async (client) => {
    for (const role of [names.owner, ...usersOf(names)]) {
      await ensureRole(client, role, passwordOf(role));
    }
    await ensureDatabase(client, names);
  });
  const inside = new URL(superuserUrl);
  inside.pathname = `/${names.database}`;
  await withClient(inside.href, async (client) => {
    await client.query(`ALTER SCHEMA public OWNER TO ${named(names.owner)}`);
    await client.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
    for (const role of usersOf(names)) {
      await client.query(`GRANT USAGE ON SCHEMA public TO ${named(role)}`);
    }
  });
  return urlsOf(superuserUrl, names, passwords);
};

/** The URLs of a database on a server, with these passwords. */
export const urlsOf = (
  server: string,
  { database, owner, app, services }: DatabaseNames,
  passwords: Credentials,
): DatabaseUrls => {
  const url = (user: string): string =>
    urlFor(server, { user, password: passwords[user] ?? '', database });
  return {
    ownerUrl: url(owner),
    appUrl: url(app),
    ...(services && { serviceUrls: forEachService((service) => url(services[service])) }),
  };
};

/** In the event log, the app reads alone and each service has a role of its own. */
export const namesOf = (database: string): DatabaseNames => ({
  database,
  owner: `${database}_owner`,
  app: `${database}_app`,
  ...(database === 'events' && { services: forEachService((service) => `events_${service}`) }),
});

const readCredentials = async (file: string): Promise<Credentials> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  return JSON.parse(text) as Credentials;
};

/** Kept passwords with one for every role asked for; written before any role gets its own. */
export const ensureCredentials = async (file: string, roles: string[]): Promise<Credentials> => {
  const kept = await readCredentials(file);
  const missing = roles.filter((role) => !kept[role]);
  if (missing.length === 0) return kept;
  const all = { ...kept, ...Object.fromEntries(missing.map((role) => [role, newPassword()])) };
  await writeFile(`${file}.new`, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return all;
};

/** A database and two roles for each name, in one cluster; the same again on the next start. */
export const provisionAll = async (
  superuserUrl: string,
  credentialsFile: string,
  databases: readonly DatabaseName[],
): Promise<Map<DatabaseName, DatabaseUrls>> => {
  const roles = databases.flatMap((name) => [namesOf(name).owner, ...usersOf(namesOf(name))]);
  const passwords = await ensureCredentials(credentialsFile, roles);
  const entries = await Promise.all(
    databases.map(
      async (name) =>
        [name, await provisionDatabase(superuserUrl, namesOf(name), passwords)] as const,
    ),
  );
  return new Map(entries);
};
