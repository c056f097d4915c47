import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Actor, Role } from '@yanxiu/subgraph/actor';
import { personalGaps } from '@yanxiu/subgraph/person/export';
import { fenceProblems } from '@yanxiu/subgraph/row-security';
import type { Scope } from '@yanxiu/subgraph/scoped-database';
import {
  fencedTables,
  openWithoutScope,
  rowsSeen,
  tablesWithRows,
} from '@yanxiu/testkit/row-security';
import { unfenced } from './database.js';
import { personal } from './personal.js';
import { closeProjectEvaluation } from './project/commands.js';
import {
  CITY,
  COUNTY,
  OTHER_CITY,
  PROVINCE,
  World,
  evaluator,
  officer,
  teacher,
} from './testing/world.js';

/** What no actor reaches: who may respond, who has, and the responses. */
const ANONYMOUS = [
  'anonymous_channel',
  'anonymous_response',
  'eligible_participant',
  'signed_token',
  'spent_token',
];
const EVALUATION = ['agency_assessment', 'project_evaluation', 'supervision'];
const RATINGS = ['institution_rating', 'pooled_result'];
const REGISTER = 'institution';

const as = (role: Role, more: Partial<Actor> = {}): Actor => ({
  subject: 'x',
  role,
  unit: PROVINCE,
  ...more,
});

describe('a query of evaluation that forgets its filter', () => {
  let world: World;
  let [open, closed] = ['', ''];
  let participants: string[] = [];

  const seenBy = (scope: Scope) => rowsSeen(world.db, scope);
  const evaluationsSeen = async (scope: Scope) =>
    (await seenBy(scope))['project_evaluation']?.map((row) => row['project_id']).sort();

  beforeAll(async () => {
    world = await World.create();
    const first = await world.open(8);
    closed = first.projectId;
    participants = first.teachers;
    await world.respond(closed, participants);
    await world.assess(closed, 90);
    await world.inspect(closed, 90);
    await closeProjectEvaluation(world.as(officer(CITY)), { projectId: closed });
    ({ projectId: open } = await world.open(1, { organiserCode: OTHER_CITY }));
    await world.assess(open, 80, 'AGENCY2');
    await world.rows(`INSERT INTO pooled_result VALUES ($1, $2, 1, 8, 9000, NULL, now())`, [
      randomUUID(),
      world.institution.id,
    ]);
    await world.rows('INSERT INTO pooled_project VALUES ($1, $2, NULL)', [
      world.institution.id,
      open,
    ]);
  });
  afterAll(() => world.destroy());

  it('stands before a fence around every table', async () => {
    const all = [...ANONYMOUS, ...EVALUATION, ...RATINGS, REGISTER, 'pooled_project'].sort();
    expect(await fenceProblems(world.db.manager, unfenced)).toEqual([]);
    expect(await fencedTables(world.db)).toEqual([...all, 'role_assignment'].sort());
    expect(tablesWithRows(await seenBy('SYSTEM'))).toEqual(all);
    expect(await openWithoutScope(world.db)).toEqual([]);
  });

  it('tells a person of every table that has a column for her', async () => {
    expect(await personalGaps(world.db.manager, personal)).toEqual([]);
  });

  it('finds nothing without login or for the operator', async () => {
    for (const scope of [null, as('PLATFORM')]) {
      expect(tablesWithRows(await seenBy(scope))).toEqual([]);
    }
  });

  it('[EVAL-ANON] finds for nobody what could tie a response to its author', async () => {
    const scopes: Actor[] = [
      ...(['OFFICER', 'COORDINATOR', 'FINANCE', 'AUDITOR', 'ANALYST'] as const).map((role) =>
        as(role),
      ),
      as('INSTITUTION', { institution: world.institution.code }),
      evaluator('AGENCY1'),
      teacher(participants[0] ?? ''),
    ];
    for (const scope of scopes) {
      const seen = await seenBy(scope);
      for (const table of ANONYMOUS)
        expect({ scope, rows: seen[table] }).toEqual({ scope, rows: [] });
    }
  });

  it('finds for a department what its subtree organises, and every rating', async () => {
    const seen = await seenBy(officer(CITY));
    expect(await evaluationsSeen(officer(CITY))).toEqual([closed]);
    expect(seen['agency_assessment']).toHaveLength(1);
    expect(seen['supervision']).toHaveLength(1);
    expect(await evaluationsSeen(officer(OTHER_CITY))).toEqual([open]);
    expect(await evaluationsSeen(officer(PROVINCE))).toEqual([closed, open].sort());
    for (const scope of [officer(COUNTY), officer('nowhere')]) {
      expect(tablesWithRows(await seenBy(scope))).toEqual([REGISTER, ...RATINGS].sort());
    }
  });

  it('finds for an institution its own once closed, for a stranger none', async () => {
    const own = as('INSTITUTION', { institution: world.institution.code });
    expect(await evaluationsSeen(own)).toEqual([closed]);
    expect((await seenBy(own))['institution_rating']).toHaveLength(1);
    const strange = as('INSTITUTION', { institution: 'INST999' });
    expect(tablesWithRows(await seenBy(strange))).toEqual([REGISTER]);
  });

  it('finds for an agency what is open and what it assessed, of assessments its own', async () => {
    expect(await evaluationsSeen(evaluator('AGENCY1'))).toEqual([closed, open].sort());
    expect(await evaluationsSeen(evaluator('AGENCY2'))).toEqual([open]);
    const seen = await seenBy(evaluator('AGENCY1'));
    expect(seen['agency_assessment']?.map((row) => row['agency_code'])).toEqual(['AGENCY1']);
    expect(tablesWithRows(seen)).toEqual(['agency_assessment', REGISTER, 'project_evaluation']);
  });

  it('finds for a teacher what has closed', async () => {
    const seen = await seenBy(teacher(participants[0] ?? ''));
    expect(tablesWithRows(seen)).toEqual([REGISTER, 'project_evaluation']);
    expect(await evaluationsSeen(teacher(participants[0] ?? ''))).toEqual([closed]);
  });
});
