import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startOidcIssuer, type OidcIssuer } from '@yanxiu/testkit/oidc-issuer';
import { startSystem, type Answer, type System } from '@yanxiu/testkit/system';
import { until } from '@yanxiu/testkit/waiting';

const PROVINCE = '140000';
const CITY = '140400';
const CLI = path.resolve('packages/cli/dist/main.js');

let issuer: OidcIssuer;
let system: System;

beforeAll(async () => {
  issuer = await startOidcIssuer();
  // Roles come from the registry's assignments: nobody has one yet.
  const env = { OIDC_ISSUER: issuer.url };
  system = await startSystem({ transport: 'postgres', size: 'bare', env });
});
afterAll(async () => {
  await system?.stop();
  await issuer?.stop();
});

/** As an account of the issuer; its claims of a role say nothing here. */
async function ask<T>(
  subject: string,
  query: string,
  variables: object = {},
  actingAs?: string,
): Promise<Answer<T>> {
  const token = await issuer.sign({ sub: subject, role: 'OFFICER', unit: PROVINCE });
  const response = await fetch(`${system.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      ...(actingAs !== undefined && { 'yanxiu-acting-as': actingAs }),
    },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer<T>;
}

const assign = async (by: string, subject: string, role: string, unit: string) => {
  const { data, errors } = await ask<{ assignRole: { assignment: { id: string } } }>(
    by,
    'mutation ($input: AssignRoleInput!) { assignRole(input: $input) { assignment { id } } }',
    { input: { subject, role, unit } },
  );
  const id = data?.assignRole.assignment.id;
  return { id, code: errors?.[0]?.extensions?.['code'] };
};

/** One field of each service. */
const EVERYWHERE = `{
  orgUnits(first: 1) { nodes { code } }
  trainingProjects(first: 1) { nodes { id } }
  hoursReport(unit: "${CITY}", year: 2025) { teachers }
  fundingShortfalls(fiscalYear: 2025, first: 1) { nodes { spent } }
  projectEvaluations(first: 1) { nodes { id } }
}`;

const codesOf = async (subject: string, actingAs?: string): Promise<unknown[]> => {
  const { errors } = await ask(subject, EVERYWHERE, {}, actingAs);
  return [...new Set((errors ?? []).map(({ extensions }) => extensions?.['code']))];
};
const mayAct = (subject: string, actingAs?: string) =>
  until(async () => (await codesOf(subject, actingAs)).length === 0, {
    timeoutMs: 60_000,
    message: () => `${subject} to act in every service`,
  });

describe('roles from the registry, with an OIDC issuer', () => {
  it('[R4] begin with an officer who is named on the owner’s side', async () => {
    expect(await codesOf('first')).toEqual(['FORBIDDEN']);
    const role = ['--subject', 'first', '--role', 'OFFICER', '--org', PROVINCE];
    const env = { ...process.env, YANXIU_DATA_DIR: system.dataDir };
    await promisify(execFile)(process.execPath, [CLI, 'assign', ...role], { env });
    await mayAct('first');
    const wrong = ['--subject', 'x', '--role', 'OFFICER', '--org', CITY];
    await expect(
      promisify(execFile)(process.execPath, [CLI, 'assign', ...wrong], { env }),
    ).rejects.toThrow('an officer of the root and the operator alone');
  });

  it('[R4] go down the tree, each by a superior, and end within seconds everywhere', async () => {
    const { id } = await assign('first', 'city', 'OFFICER', CITY);
    expect(id).toBeDefined();
    await mayAct('city');
    expect((await assign('city', 'friend', 'OFFICER', CITY)).code).toBe('FORBIDDEN');
    expect((await assign('city', 'friend', 'OFFICER', '140200')).code).toBe('FORBIDDEN');
    expect((await assign('city', 'city', 'AUDITOR', CITY)).code).toBe('FORBIDDEN');
    const end =
      'mutation ($id: ID!) { endRoleAssignment(input: { assignmentId: $id }) {' +
      ' assignment { inForce } } }';
    expect((await ask('city', end, { id })).errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    expect((await ask('first', end, { id })).data).toEqual({
      endRoleAssignment: { assignment: { inForce: false } },
    });
    const ended = Date.now();
    await until(
      async () => {
        const { data } = await ask<Record<string, unknown>>('city', EVERYWHERE);
        return Object.values(data ?? {}).every((value) => value === null);
      },
      { timeoutMs: 60_000, message: 'the role to have ended in every service' },
    );
    process.stdout.write(`ended in every service after ${Date.now() - ended} ms\n`);
  });

  it('are named by an account that holds several', async () => {
    await assign('first', 'both', 'ANALYST', CITY);
    await assign('first', 'both', 'AUDITOR', PROVINCE);
    await mayAct('both', `ANALYST@${CITY}`);
    await mayAct('both', `AUDITOR@${PROVINCE}`);
    const { errors } = await ask('both', EVERYWHERE);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining(`ANALYST@${CITY}`),
      extensions: { code: 'FORBIDDEN' },
    });
    expect(await codesOf('both', `OFFICER@${PROVINCE}`)).toEqual(['FORBIDDEN']);
    const { data } = await ask('both', '{ myAssignments { role unit { code } } }');
    expect(data).toEqual({
      myAssignments: expect.arrayContaining([
        { role: 'ANALYST', unit: { code: CITY } },
        { role: 'AUDITOR', unit: { code: PROVINCE } },
      ]),
    });
  });
});
