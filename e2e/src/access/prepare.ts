import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { System } from '@yanxiu/testkit/system';
import { until } from '@yanxiu/testkit/waiting';
import { act, made } from './command.js';
import { EXPECTED, type Persona } from './expected.js';
import type { Facts } from './facts.js';
import {
  correctMoney,
  decideClaims,
  publishOwn,
  refuseFunds,
  returnPlan,
  suspend,
  takeLeave,
  tryOut,
} from './happenings.js';
import { tokenOf, unitOf, type Stage } from './stage.js';

/** The account of a token. */
export function subjectOf(token: string): string {
  const [, payload = ''] = token.split('.');
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub;
}

/** A second officer of the province: nobody gives a role to herself. */
const PROVINCE = { persona: 'province-officer', n: 2 };

/** What the loaded province lacks and the walk is to meet: roles, claims, a dead letter … */
export async function prepare(system: System, stage: Stage): Promise<void> {
  for (const persona of Object.keys(EXPECTED) as Persona[]) {
    const token = await tokenOf(system, persona, stage.own);
    if (token) await nameFinanceOfficer(system, subjectOf(token), unitOf(persona, stage.own));
  }
  await nameFinanceOfficer(system, 'another', stage.foreign.city);
  await nameOthers(system, stage.own);
  for (const facts of [stage.own, stage.sibling, stage.foreign]) {
    facts.claim = await claimHours(system, facts);
    facts.leave = await takeLeave(system, facts);
  }
  for (const facts of [stage.own, stage.foreign]) {
    facts.draft = await draftParameter(system, facts);
    facts.simulation = await tryOut(system, facts);
  }
  for (const happens of [
    decideClaims,
    publishOwn,
    returnPlan,
    refuseFunds,
    correctMoney,
    suspend,
  ]) {
    await happens(system, stage.own);
  }
  await revealNumber(system, stage.own);
  stage.deadLetter = await forge(system);
}

const assign = (system: System, role: object): Promise<string> =>
  made(system, 'assignRole', role, 'assignment', PROVINCE);

const nameFinanceOfficer = (system: System, subject: string, unit: string): Promise<string> =>
  assign(system, { subject, role: 'FINANCE', unit });

/** A teacher's role with a last day, and one that was ended. */
async function nameOthers(system: System, { school, teacher, city }: Facts): Promise<void> {
  await assign(system, {
    ...{ subject: 'her-own-account', role: 'TEACHER', unit: school, teacher },
    validTo: '2026-12-31',
  });
  await assign(system, {
    ...{ subject: 'an-agency', role: 'EVALUATOR', unit: city, institution: 'AGENCY-2' },
  });
  const assignmentId = await assign(system, { subject: 'gone', role: 'ANALYST', unit: city });
  const selection = 'assignment { endedAt }';
  await act(system, 'endRoleAssignment', { assignmentId }, selection, PROVINCE);
}

function claimHours(system: System, { teacher, school }: Facts): Promise<string> {
  const claim = {
    ...{ teacherId: teacher, source: 'SELF_STUDY', category: 'SUBJECT', modality: 'ONLINE' },
    title: '自主选学：信息技术应用',
    sessions: [{ date: '2026-08-20', startTime: '09:00', minutes: 90 }],
    evidence: { sha256: randomUUID().replaceAll('-', '').repeat(2), name: '证明.pdf', size: 1000 },
  };
  const by = { persona: 'teacher', org: school, teacher };
  return made(system, 'submitClaim', { claim }, 'claim', by);
}

/** A city asks for an hour more than the province. */
function draftParameter(system: System, { city }: Facts): Promise<string> {
  const input = {
    ...{ key: 'hours.basic.annual', value: 7_300, validFrom: '2027-01-01', scopeCode: city },
    ...{ instrument: '晋教师〔2023〕4号', article: '三（一）1', quotation: '每年不少于72学时' },
  };
  const by = { persona: 'city-officer', org: city };
  return made(system, 'draftPolicy', input, 'draft', by);
}

/** An ID number that was shown, so that a person sees who looked, and why. */
async function revealNumber(system: System, { teacher, county }: Facts): Promise<void> {
  const input = { teacherId: teacher, purpose: 'CERTIFICATE', note: '职称申报' };
  const by = { persona: 'county-officer', org: county };
  await act(system, 'revealIdNumber', input, 'teacher { id }', by);
}

/** Puts what nobody may act on into the log; the dead letter that funding has made of it. */
async function forge(system: System): Promise<string> {
  const client = new pg.Client({ connectionString: await system.databaseUrl('events') });
  await client.connect();
  try {
    await client.query(
      `WITH forged AS (
         INSERT INTO log (topic, partition, event_id, key, value)
         VALUES ('training.project', 0, $1, 'forged', '{"forged": true}') RETURNING 1
       ) SELECT pg_notify('log', '') FROM forged`,
      [randomUUID()],
    );
  } finally {
    await client.end();
  }
  const list = '{ fundingEvents { deadLetters { nodes { id } } } }';
  interface Letters {
    fundingEvents: { deadLetters: { nodes: { id: string }[] } };
  }
  return until(
    async () => {
      const { data } = await system.gql<Letters>(list, {}, { persona: 'platform' });
      return data?.fundingEvents.deadLetters.nodes[0]?.id;
    },
    { timeoutMs: 30_000, message: 'the dead letter' },
  );
}
