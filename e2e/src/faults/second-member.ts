import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@yanxiu/cli/ports';
import type { Service } from '@yanxiu/contracts/topic-access';
import type { Link } from './proxy.js';
import type { Stage } from './stage.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A second process of a service that only consumes, as a replica would. */
export async function startSecondMember(stage: Stage, service: Service): Promise<ChildProcess> {
  const main = path.join(ROOT, 'services', service, 'dist/main.js');
  const env = { ...stage.env, ...stage.points.env, YANXIU_DATA_DIR: stage.system.dataDir };
  const keyring = path.join(stage.system.dataDir, 'keys', `${service}.json`);
  return spawn(process.execPath, [main, '--roles', 'consume'], {
    stdio: 'ignore',
    env: {
      ...env,
      PATH: process.env['PATH'],
      PORT: String(await freePort()),
      KEYRING_FILE: keyring,
      // The agent of the runner is for the first process.
      NODE_OPTIONS: '',
    },
  });
}

export async function stopMember(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** The inode of the socket that has this local port and speaks to the other (Linux). */
function inodeOf(port: number, remote: number): string | undefined {
  const hex = (n: number): string => n.toString(16).toUpperCase().padStart(4, '0');
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1]?.endsWith(`:${hex(port)}`) && fields[2]?.endsWith(`:${hex(remote)}`)) {
      return fields[9];
    }
  }
  return undefined;
}

const owners = new WeakMap<Link, Map<number, boolean>>();

/** Whether the client's end of a link belongs to the process. */
export function belongsTo(link: Link, pid: number): boolean {
  let known = owners.get(link);
  if (!known) owners.set(link, (known = new Map()));
  let owned = known.get(pid);
  if (owned === undefined) known.set(pid, (owned = findOwner(link, pid)));
  return owned;
}

function findOwner({ down }: Link, pid: number): boolean {
  const { remotePort, localPort } = down;
  if (remotePort === undefined || localPort === undefined) return false;
  const inode = inodeOf(remotePort, localPort);
  if (inode === undefined) return false;
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((fd) => {
      try {
        return readlinkSync(path.join(folder, fd)) === `socket:[${inode}]`;
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}
