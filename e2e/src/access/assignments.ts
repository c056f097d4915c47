import type { System } from '@yanxiu/testkit/system';

const ASSIGN = `mutation ($input: AssignRoleInput!) {
  assignRole(input: $input) { assignment { id inForce } } }`;

interface Assigned {
  assignRole: { assignment: { id: string; inForce: boolean } };
}

/** The account of a token. */
export function subjectOf(token: string): string {
  const [, payload = ''] = token.split('.');
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub;
}

/** Lets the province name a finance officer of a unit, so that there is a role to see. */
export async function nameFinanceOfficer(
  system: System,
  subject: string,
  unit: string,
): Promise<void> {
  const input = { subject, role: 'FINANCE', unit, idempotencyKey: `${subject} ${unit}` };
  // A second officer: nobody gives a role to herself.
  const asker = { persona: 'province-officer', n: 2 };
  const { data, errors } = await system.gql<Assigned>(ASSIGN, { input }, asker);
  if (!data) throw new Error(JSON.stringify(errors));
}
