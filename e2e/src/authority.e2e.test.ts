import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startOidcIssuer, type OidcIssuer } from '@yanxiu/testkit/oidc-issuer';
import { startSeeded } from '@yanxiu/testkit/seeded';
import type { System } from '@yanxiu/testkit/system';
import { Accounts } from './authority/accounts.js';
import { movingTeacher, type Moving } from './authority/moving.js';
import { Transfer } from './authority/transfer.js';
import { World } from './story/world.js';

const [PROVINCE, CITY] = ['140000', '140400'];
let OTHER_CITY: string;
const TODAY = '2026-09-10';

let issuer: OidcIssuer;
let system: System;
let world: World;
let accounts: Accounts;
/** Two counties of the city, and a teacher who goes from the one to the other. */
let moving: Moving;

beforeAll(async () => {
  issuer = await startOidcIssuer();
  system = await startSeeded({ today: TODAY, env: { OIDC_ISSUER: issuer.url } });
  world = new World(system);
  accounts = new Accounts(world, issuer);
});
afterAll(async () => {
  await system?.stop();
  await issuer?.stop();
});

describe('a role that is the registry’s, under a token that has none', () => {
  let ofCounty: string;

  it('is nobody’s before it is assigned: a good token alone opens nothing', async () => {
    const { code, stderr } = await world.yanxiu(
      ...['assign', '--subject', 'province', '--role', 'OFFICER', '--org', PROVINCE ?? ''],
    );
    expect([code, stderr]).toEqual([0, '']);
    await accounts.settled('province', PROVINCE, 'ok');
    const cities = `{ orgUnits(under: "140000", tier: CITY, first: 20) { nodes { code } } }`;
    const { orgUnits } = await world.ask<{ orgUnits: { nodes: { code: string }[] } }>(
      ...([cities, {}, await accounts.token('province')] as const),
    );
    OTHER_CITY = orgUnits.nodes.find(({ code }) => code !== CITY)?.code ?? '';
    moving = await movingTeacher(world, CITY, await accounts.token('province'));
    const answers = await accounts.answers('county', moving.from.county);
    expect(new Set(Object.values(answers))).toEqual(new Set(['FORBIDDEN']));
    const mine = '{ myAssignments { id } }';
    const token = await accounts.token('county');
    expect(await world.ask(mine, {}, token)).toEqual({ myAssignments: [] });
  });

  it('works in every service once a superior has assigned it, and there alone', async () => {
    await accounts.assign('province', 'city', { role: 'OFFICER', unit: CITY });
    await accounts.settled('city', CITY, 'ok');
    ofCounty = await accounts.assign('city', 'county', {
      ...{ role: 'OFFICER', unit: moving.from.county },
      ...{ validFrom: TODAY, validTo: '2026-12-31' },
    });
    await accounts.settled('county', moving.from.county, 'ok');
    for (const unit of [moving.to.county, CITY, OTHER_CITY, PROVINCE]) {
      const answers = await accounts.answers('county', unit ?? '');
      // The evaluations are those of her own unit; a plan of another has no row for her.
      for (const service of ['personnel', 'hours', 'funding']) {
        expect([unit, service, answers[service]]).toEqual([unit, service, 'NOT_FOUND']);
      }
    }
  });

  it('is not for a superior to give beyond her jurisdiction, to an equal or to herself', async () => {
    const [own, other] = [moving.from.county, moving.to.county];
    const cases: [string, string, { role: string; unit: string; validFrom?: string }, string][] = [
      ['county', 'x', { role: 'OFFICER', unit: other }, 'ROLE-SUPERIOR'],
      ['county', 'x', { role: 'COORDINATOR', unit: moving.to.school }, 'ROLE-SUPERIOR'],
      ['county', 'x', { role: 'OFFICER', unit: own }, 'ROLE-SUPERIOR'],
      ['county', 'x', { role: 'AUDITOR', unit: CITY }, 'ROLE-SUPERIOR'],
      ['city', 'x', { role: 'OFFICER', unit: OTHER_CITY }, 'ROLE-SUPERIOR'],
      ['city', 'x', { role: 'ANALYST', unit: PROVINCE ?? '' }, 'ROLE-SUPERIOR'],
      ['city', 'city', { role: 'FINANCE', unit: CITY }, 'ROLE-SELF'],
      ['province', 'x', { role: 'PLATFORM', unit: PROVINCE ?? '' }, 'ROLE-SUPERIOR'],
      ['city', 'x', { role: 'OFFICER', unit: own, validFrom: '2026-09-09' }, 'ROLE-DATES'],
    ];
    for (const [superior, subject, role, rule] of cases) {
      expect([superior, role, await accounts.refusal(superior, subject, role)]).toEqual([
        superior,
        role,
        rule,
      ]);
    }
    // An account without a role, and one with a role that is no superior's.
    expect(await accounts.refusal('nobody', 'x', { role: 'ANALYST', unit: own })).toBe('FORBIDDEN');
    await accounts.assign('county', 'analyst', { role: 'ANALYST', unit: own });
    await accounts.settled('analyst', own, 'ok');
    expect(await accounts.refusal('analyst', 'x', { role: 'ANALYST', unit: own })).toBe(
      'FORBIDDEN',
    );
    await accounts.assign('county', 'coordinator', {
      role: 'COORDINATOR',
      unit: moving.from.school,
    });
  });

  it('ends when the superior ends it, though the token goes on', async () => {
    const [own, other] = [moving.from.county, moving.to.county];
    const end = (superior: string) => accounts.end(superior, ofCounty);
    await accounts.assign('city', 'neighbour', { role: 'OFFICER', unit: other });
    await accounts.settled('neighbour', other, 'ok');
    await expect(end('neighbour')).rejects.toThrow('NOT_FOUND');
    await expect(end('county')).rejects.toThrow('ROLE-SELF');
    await end('city');
    await accounts.settled('county', own, 'FORBIDDEN');
    expect(await accounts.refusal('county', 'x', { role: 'ANALYST', unit: own })).toBe('FORBIDDEN');
    await accounts.settled('city', own, 'ok');
    await accounts.settled('analyst', own, 'ok');
  });

  it('is on record: who gave it and who ended it', async () => {
    await accounts.assign('province', 'auditor', { role: 'AUDITOR', unit: PROVINCE ?? '' });
    const token = await accounts.token('auditor');
    const ENTRIES = `query ($action: String) { personnelAuditEntries(filter: { action: $action }) {
      nodes { actor role unit action subjectIds } } }`;
    const entries = async (action: string) => {
      const { personnelAuditEntries } = await world.ask<{
        personnelAuditEntries: { nodes: object[] };
      }>(ENTRIES, { action }, token);
      return personnelAuditEntries.nodes;
    };
    await accounts.settled('auditor', PROVINCE ?? '', 'ok');
    const row = { actor: 'city', role: 'OFFICER', unit: CITY, subjectIds: [ofCounty] };
    expect(await entries('authority.assign')).toContainEqual({
      ...row,
      action: 'authority.assign',
    });
    expect(await entries('authority.end')).toEqual([{ ...row, action: 'authority.end' }]);
  });
});

describe('a teacher who is transferred to another county (domain.md §6.4)', () => {
  let transfer: Transfer;

  beforeAll(async () => {
    transfer = new Transfer(accounts, moving);
    await transfer.nameOfficers();
  });

  it('is the old county’s before, on every path, and not the new one’s on any', async () => {
    expect(await transfer.seenBy('old')).toEqual(await transfer.everything());
    expect(await transfer.seenBy('new')).toEqual(transfer.nothing());
  });

  it('is the new county’s with all that was recorded; the old one keeps what was then', async () => {
    const reports = await transfer.reports('2026-09-09');
    await transfer.move();
    await transfer.learnAgain();
    expect(await transfer.seenBy('new')).toEqual(await transfer.everything());
    expect(await transfer.seenBy('old')).toEqual(await transfer.kept());
    expect(await transfer.reports('2026-09-09')).toEqual(reports);
  });

  it('is no more for the old county to act on', async () => {
    for (const [who, code] of [
      ['old', 'NOT_FOUND'],
      ['new', 'ok'],
    ] as const) {
      expect([who, await transfer.acts(who)]).toEqual([who, new Set([code])]);
    }
  });
});

describe('a role with a first and a last day', () => {
  it('works from the first to the last, by the clock of the platform', async () => {
    const unit = moving.from.county;
    await accounts.assign('city', 'for-a-while', {
      ...{ role: 'OFFICER', unit, validFrom: '2026-09-20', validTo: '2026-09-21' },
    });
    await accounts.settled('for-a-while', unit, 'FORBIDDEN');
    await system.setClock('2026-09-20T00:30:00+08:00');
    await accounts.settled('for-a-while', unit, 'ok');
    await system.setClock('2026-09-21T23:30:00+08:00');
    await accounts.settled('for-a-while', unit, 'ok');
    await system.setClock('2026-09-22T00:30:00+08:00');
    await accounts.settled('for-a-while', unit, 'FORBIDDEN');
    await accounts.settled('city', unit, 'ok');
  });
});
