import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { reseal } from '@yanxiu/subgraph/keys/reseal';
import { dropHashes, keyStatus, neededFor } from '@yanxiu/subgraph/keys/status';
import { parseKeyring, type KeyringFile } from '@yanxiu/subgraph/keyring';
import {
  LUZHOU_PRIMARY,
  idNumber,
  luzhou,
  plantTree,
  startPersonnel,
  type Personnel,
} from '../testing/personnel.js';
import { sealed } from '../sealed.js';
import { registerTeachers } from './register.js';

let personnel: Personnel;

beforeAll(async () => {
  personnel = await startPersonnel();
  await plantTree(personnel);
});
afterAll(() => personnel.stop());

const newKey = () => randomBytes(32).toString('base64');
const file = (): string => process.env['KEYRING_FILE'] ?? '';
const read = (): KeyringFile => parseKeyring(readFileSync(file(), 'utf8'));

/** Another size each time, so that the change is seen whatever the clock of the file system. */
let changes = 0;
const write = (keyring: KeyringFile): void =>
  writeFileSync(file(), JSON.stringify(keyring) + ' '.repeat((changes += 1)), { mode: 0o600 });

const rotate = (to: { seal?: string; hash?: string }): void => {
  const { active, keys, activeHash, hashKeys } = read();
  write({
    active: to.seal ?? active,
    keys: to.seal ? { ...keys, [to.seal]: newKey() } : keys,
    activeHash: to.hash ?? activeHash,
    hashKeys: to.hash ? { ...hashKeys, [to.hash]: newKey() } : hashKeys,
  });
};

const register = async (numbers: readonly string[], key?: string) => {
  const { rows } = await registerTeachers(personnel.as(luzhou), {
    rows: numbers.map((number, rowNumber) => ({
      ...{ rowNumber, name: '王小明', idNumber: number, phone: '13900001111', stage: '小学' },
      ...{ unitCode: LUZHOU_PRIMARY.code, hiredOn: '2010-09-01' },
    })),
    idempotencyKey: key,
  });
  return rows;
};

const people = async (): Promise<number> =>
  Number((await personnel.db.query('SELECT count(*) AS n FROM teacher'))[0].n);

const NAMES = `query ($after: String) { teachers(first: 200, after: $after) {
  nodes { name idNumberMasked } pageInfo { endCursor hasNextPage } } }`;

describe('a change of keys', () => {
  const numbers = Array.from({ length: 250 }, (_, n) => idNumber(n + 1));

  it('is taken up by the running service, which answers all the time', async () => {
    await register(numbers);
    rotate({ seal: 'k2', hash: 'h2' });
    const { left } = await keyStatus(personnel.db, sealed);
    expect(left).toBe(500);
    let running = true;
    const lookUps: Promise<number>[] = [0, 1].map(async () => {
      let seen = 0;
      while (running) {
        const { data, errors } = await personnel.ask(luzhou, NAMES);
        expect(errors).toEqual([]);
        const { nodes } = data?.['teachers'] as unknown as { nodes: { name: string }[] };
        expect(nodes).toHaveLength(200);
        expect(nodes.every(({ name }) => name === '王小明')).toBe(true);
        const [row] = await register([numbers[seen % 250] ?? '']);
        expect(row?.status).toBe('UNCHANGED');
        seen += 1;
      }
      return seen;
    });
    const progress: number[] = [];
    const done = await reseal(personnel.db, sealed, (count) => void progress.push(count));
    running = false;
    expect(Math.min(...(await Promise.all(lookUps)))).toBeGreaterThan(0);
    expect(done).toEqual({ sealed: 250, hashed: 250 });
    expect(progress.at(-1)).toBe(500);
    expect(await keyStatus(personnel.db, sealed)).toMatchObject({ left: 0 });
  });

  it('goes on where it was ended', async () => {
    rotate({ seal: 'k3', hash: 'h3' });
    const ended = reseal(personnel.db, sealed, () => {
      throw new Error('killed');
    });
    await expect(ended).rejects.toThrow('killed');
    const { left } = await keyStatus(personnel.db, sealed);
    expect(left).toBe(400);
    const { keys } = await keyStatus(personnel.db, sealed);
    expect(keys.filter(({ kind }) => kind === 'SEAL').map(({ id }) => id)).toEqual(
      expect.arrayContaining(['k2', 'k3']),
    );
    expect(await reseal(personnel.db, sealed)).toEqual({ sealed: 150, hashed: 250 });
  });

  it('lets nobody in twice, whichever keys a process has', async () => {
    const former = read();
    const before = await people();
    rotate({ hash: 'h4' });
    const next = read();
    for (let n = 0; n < 12; n += 1) {
      const number = idNumber(600 + n);
      // Of two processes one has not seen the new file yet; either may come first.
      write(n % 2 === 0 ? former : next);
      const [first] = await register([number]);
      write(n % 2 === 0 ? next : former);
      const [second] = await register([number]);
      expect([first?.status, second?.status]).toEqual(['REGISTERED', 'UNCHANGED']);
    }
    write(next);
    const many = idNumber(650);
    const [, ...answers] = await Promise.all([
      reseal(personnel.db, sealed),
      ...Array.from({ length: 6 }, () => register([many])),
    ]);
    const statuses = answers.flatMap((rows) => rows.map(({ status }) => status));
    expect(statuses.filter((status) => status === 'REGISTERED')).toHaveLength(1);
    expect(await people()).toBe(before + 13);
    expect(await reseal(personnel.db, sealed)).toMatchObject({ sealed: 0 });
    const [row] = await register([numbers[0] ?? '']);
    expect(row?.status).toBe('UNCHANGED');
  });

  it('leaves a request repeated with its key the same request', async () => {
    const first = await register([idNumber(700)], 'once');
    rotate({ hash: 'h5' });
    expect(await register([idNumber(700)], 'once')).toEqual(first);
    await expect(register([idNumber(701)], 'once')).rejects.toMatchObject({
      extensions: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
  });

  it('lets a former key go when nothing needs it, and not before', async () => {
    expect(await neededFor(personnel.db, sealed, 'k3')).toContain('is active');
    expect(await neededFor(personnel.db, sealed, 'h4')).toContain('not yet under the active keys');
    rotate({ seal: 'k4' });
    expect(await neededFor(personnel.db, sealed, 'k3')).toContain('sealed under k3');
    await reseal(personnel.db, sealed);
    for (const key of ['k1', 'k2', 'k3', 'h1', 'h2', 'h3', 'h4']) {
      expect(await neededFor(personnel.db, sealed, key)).toBeNull();
      await dropHashes(personnel.db, sealed, key);
    }
    const { active, keys, activeHash, hashKeys } = read();
    const only = (all: Record<string, string>, id: string) => ({ [id]: all[id] ?? '' });
    write({ ...read(), keys: only(keys, active), hashKeys: only(hashKeys, activeHash) });
    const { data, errors } = await personnel.ask(luzhou, NAMES);
    expect([errors, data === null]).toEqual([[], false]);
    expect((await register([numbers[0] ?? ''])).map(({ status }) => status)).toEqual(['UNCHANGED']);
    const { keys: used } = await keyStatus(personnel.db, sealed);
    expect(used.map(({ id, active: is }) => [id, is])).toEqual([
      ['k4', true],
      ['h5', true],
    ]);
  });

  it('that cannot be read leaves the former keys in use', async () => {
    const keyring = read();
    writeFileSync(file(), '{"active":');
    expect((await register([numbers[1] ?? ''])).map(({ status }) => status)).toEqual(['UNCHANGED']);
    write(keyring);
    expect((await personnel.ask(luzhou, NAMES)).errors).toEqual([]);
  });
});
