import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { institutionAccredited, institutionRegistered } from '@yanxiu/contracts/training';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import type { Actor } from '@yanxiu/subgraph/actor';
import type { DomainError } from '@yanxiu/subgraph/errors';
import {
  actor,
  changzhi,
  datong,
  eventsOf,
  luzhou,
  plantTree,
  province,
  startPersonnel,
  LUZHOU_PRIMARY,
  type Personnel,
} from '../testing/personnel.js';
import { assignRole, bootstrapAssignment, endRoleAssignment } from './commands.js';
import type { AssignRoleInput } from './commands.js';
import { handlers } from './consumers.js';

let personnel: Personnel;
let accounts = 0;

beforeAll(async () => {
  personnel = await startPersonnel();
  await plantTree(personnel);
});
afterAll(() => personnel.stop());

const account = (): string => `account-${(accounts += 1)}`;
const give = (who: Actor, input: Omit<AssignRoleInput, 'subject'> & { subject?: string }) =>
  assignRole(personnel.as(who), { subject: account(), ...input });
const end = (who: Actor, assignmentId: string) =>
  endRoleAssignment(personnel.as(who), { assignmentId });
const broken = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    ({ extensions }: DomainError) =>
      `${String(extensions['code'])} ${String(extensions['rule'] ?? '')}`.trim(),
  );

describe('a role', () => {
  it('[R4] is given and ended by a superior, told and audited', async () => {
    const subject = account();
    const { assignmentId } = await give(changzhi, { subject, role: 'OFFICER', unit: '140403' });
    const twice = { subject, role: 'OFFICER', unit: '140403' } as const;
    expect(await broken(give(changzhi, twice))).toBe('REFUSED ROLE-ONCE');
    expect(await broken(give(luzhou, twice))).toBe('FORBIDDEN ROLE-SUPERIOR');
    expect(await broken(end(luzhou, assignmentId))).toBe('FORBIDDEN ROLE-SUPERIOR');
    await end(changzhi, assignmentId);
    expect(await broken(end(changzhi, assignmentId))).toBe('REFUSED ROLE-ENDED');
    expect(await eventsOf(asSystem(personnel.db), assignmentId)).toEqual([
      {
        type: 'cn.yanxiu.personnel.role-assignment.assigned.v1',
        data: {
          ...{ assignmentId, subject, role: 'OFFICER', unitCode: '140403' },
          ...{ institutionCode: null, teacherId: null, validFrom: '2025-06-30', validTo: null },
        },
      },
      {
        type: 'cn.yanxiu.personnel.role-assignment.ended.v1',
        data: { assignmentId, endedAt: '2025-06-30T02:00:00.000Z' },
      },
    ]);
    const audit: unknown[] = await asSystem(personnel.db).query(
      'SELECT action, actor FROM audit WHERE subject_id = $1 ORDER BY action',
      [assignmentId],
    );
    expect(audit).toEqual([
      { action: 'authority.assign', actor: changzhi.subject },
      { action: 'authority.end', actor: changzhi.subject },
    ]);
    // Ended, it may be given again.
    expect(await broken(give(changzhi, twice))).toBe('accepted');
  });

  it('of another city looks as if there were none', async () => {
    const { assignmentId } = await give(changzhi, { role: 'AUDITOR', unit: '140403' });
    expect(await broken(end(datong, assignmentId))).toBe('NOT_FOUND');
    expect(await broken(end(datong, randomUUID()))).toBe('NOT_FOUND');
  });

  it('takes a known unit, a plain account and dates in their order', async () => {
    const unit = '140403';
    expect(await broken(give(changzhi, { role: 'ANALYST', unit: '999999' }))).toBe('NOT_FOUND');
    const subject = 'two words';
    expect(await broken(give(changzhi, { role: 'ANALYST', unit, subject }))).toBe('BAD_USER_INPUT');
    const past = { role: 'ANALYST', unit, validFrom: '2025-06-29' } as const;
    expect(await broken(give(changzhi, past))).toBe('REFUSED ROLE-DATES');
  });

  it('of an institution is given by who has accredited it', async () => {
    const institutionId = randomUUID();
    const at = '2025-01-01T00:00:00.000Z';
    const asked = { role: 'INSTITUTION', unit: '140400', institution: 'INST-9' } as const;
    expect(await broken(give(changzhi, asked))).toBe('REFUSED ROLE-INSTITUTION');
    const told = [
      { institutionId, code: 'INST-9', name: '某院', kind: 'UNIVERSITY', at },
      {
        ...{ institutionId, accreditationId: randomUUID(), sectors: ['BASIC'], categories: ['X'] },
        ...{ validFrom: '2025-01-01', validTo: '2027-12-31', byUnitCode: '140400' },
      },
    ];
    const { manager } = asSystem(personnel.db);
    for (const [n, contract] of [institutionRegistered, institutionAccredited].entries()) {
      const handler = handlers.find((each) => each.contract.type === contract.type);
      await handler?.handle({ data: told[n] } as never, { manager } as never);
    }
    expect(await broken(give(changzhi, asked))).toBe('accepted');
    expect(await broken(give(province, { ...asked, unit: '140000' }))).toBe(
      'REFUSED ROLE-INSTITUTION',
    );
  });

  it('of a teacher needs her present post', async () => {
    const teacher = randomUUID();
    const asked = { role: 'TEACHER', unit: LUZHOU_PRIMARY.code, teacher } as const;
    const coordinator = actor('COORDINATOR', LUZHOU_PRIMARY.code);
    expect(await broken(give(coordinator, asked))).toBe('REFUSED ROLE-TEACHER');
  });
});

describe('the first of an installation', () => {
  const owner = actor('PLATFORM', '140000', { subject: 'owner:root' });
  const boot = (role: 'OFFICER' | 'PLATFORM' | 'AUDITOR', unit: string) =>
    broken(bootstrapAssignment(personnel.as(owner), { subject: account(), role, unit }));

  it('is named on the owner’s side, and no other is', async () => {
    expect(await boot('OFFICER', '140000')).toBe('accepted');
    expect(await boot('PLATFORM', '140000')).toBe('accepted');
    expect(await boot('OFFICER', '140400')).toBe('REFUSED ROLE-BOOTSTRAP');
    expect(await boot('AUDITOR', '140000')).toBe('REFUSED ROLE-BOOTSTRAP');
  });
});

describe('who sees the roles held', () => {
  const ROLES = `query ($under: ID) {
    roleAssignments(under: $under, inForce: true, first: 200) {
      nodes { id role unit { code } inForce validTo endedAt } } }`;
  interface Seen {
    nodes: { unit: { code: string }; inForce: boolean }[];
  }
  const seen = async (who: Actor, under?: string) => {
    const { data, errors } = await personnel.ask(who, ROLES, { under });
    const { nodes } = (data?.['roleAssignments'] ?? { nodes: [] }) as Seen;
    return { units: new Set(nodes.map(({ unit }) => unit.code)), code: errors[0]?.code };
  };

  it('an officer those of her subtree, an auditor as well, nobody another’s', async () => {
    await give(province, { role: 'OFFICER', unit: '140200' });
    await give(changzhi, { role: 'ANALYST', unit: '140404' });
    expect((await seen(province)).units).toContain('140200');
    const own = await seen(changzhi);
    expect([...own.units].filter((code) => !code.startsWith('1404'))).toEqual([]);
    expect(own.units).toContain('140404');
    expect((await seen(actor('AUDITOR', '140400'))).units).toContain('140404');
    expect((await seen(changzhi, '140200')).code).toBe('NOT_FOUND');
    expect((await seen(changzhi, '999999')).code).toBe('NOT_FOUND');
    for (const role of ['ANALYST', 'FINANCE', 'TEACHER', 'PLATFORM'] as const) {
      expect((await seen(actor(role, '140400'))).code).toBe('FORBIDDEN');
    }
  });

  it('and an account its own, before it acts in one', async () => {
    const subject = account();
    await give(changzhi, { subject, role: 'FINANCE', unit: '140404' });
    await give(province, { subject, role: 'FINANCE', unit: '140200', validFrom: '2026-01-01' });
    const query = '{ myAssignments { role unit { code } } }';
    const { data } = await personnel.ask(actor('TEACHER', '140404', { subject }), query);
    expect(data?.['myAssignments']).toEqual([{ role: 'FINANCE', unit: { code: '140404' } }]);
    expect((await personnel.ask(null, query)).errors[0]?.code).toBe('UNAUTHENTICATED');
  });
});
