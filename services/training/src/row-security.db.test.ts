import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { teacherTransferred } from '@yanxiu/contracts/personnel';
import type { Actor } from '@yanxiu/subgraph/actor';
import { personalGaps } from '@yanxiu/subgraph/person/export';
import { fenceProblems } from '@yanxiu/subgraph/row-security';
import type { Scope } from '@yanxiu/subgraph/scoped-database';
import { deliver } from '@yanxiu/testkit/events';
import {
  fencedTables,
  openWithoutScope,
  rowsSeen,
  tablesWithRows,
} from '@yanxiu/testkit/row-security';
import { personal } from './personal.js';
import { completeTrainingClass } from './participation/commands.js';
import { recordStudy } from './study/commands.js';
import { answerNeedsSurvey, openNeedsSurvey } from './survey/commands.js';
import {
  CITY,
  COUNTY_A,
  COUNTY_B,
  PROVINCE,
  SCHOOL_A1,
  SCHOOL_B1,
  officer,
  staff,
  teacherActor,
  type DeliveryFixture,
} from './testing/delivery.js';
import { Planning } from './testing/planning.js';
import { attend, runClass, session } from './testing/running.js';

/** The directory of institutions, open to whoever has logged in. */
const REGISTER = ['accreditation', 'institution_suspension', 'training_institution'];
const RATED = 'institution_rating';
const PARTICIPANTS = [
  'attendance',
  'attendance_correction',
  'enrolment',
  'nomination',
  'participation',
];
const PROJECTS = [
  'needs_survey',
  'project_step',
  'quota',
  'scheme_module',
  'session',
  'training_class',
  'training_project',
  'training_scheme',
];
const OTHERS = [
  'annual_plan',
  'needs_survey_answer',
  'project_unit',
  'study_record',
  'teacher_copy',
];

describe('a query of training that forgets its filter', () => {
  let planning: Planning;
  let fixture: DeliveryFixture;
  let [local, moving] = ['', ''];
  let enrolmentIds: string[] = [];
  let projectId = '';

  const seenBy = (scope: Scope) => rowsSeen(fixture.db, scope);
  const idsIn = async (scope: Scope, table: string) =>
    (await seenBy(scope))[table]?.map((row) => row['id']).sort();

  beforeAll(async () => {
    planning = await Planning.start();
    fixture = planning.fixture;
    const institutionId = await planning.accredit();
    await planning.filePlan(COUNTY_A);
    const study = { unitCode: COUNTY_A, year: 2025, date: '2025-02-01', topic: 'Needs' };
    await recordStudy(planning.as(COUNTY_A), study);
    local = await fixture.teacher(SCHOOL_A1);
    moving = await fixture.teacher(SCHOOL_A1);
    const drafted = await planning.draft({ organiserCode: COUNTY_A, level: 'COUNTY' });
    const survey = { projectId: drafted, title: 'Needs', topics: ['Ethics'] };
    const { surveyId } = await openNeedsSurvey(planning.as(COUNTY_A), survey);
    await answerNeedsSurvey(fixture.context(teacherActor(local, SCHOOL_A1)), {
      surveyId,
      counts: [{ topic: 'Ethics', count: 1 }],
    });
    const running = await runClass(
      fixture,
      [local, moving],
      { organiserCode: COUNTY_A, level: 'COUNTY' },
      COUNTY_A,
    );
    ({ projectId, enrolmentIds } = running);
    const [first = '', second = ''] = enrolmentIds;
    fixture.clock.now = new Date('2025-04-10T00:00:00Z');
    const sessionId = await session(fixture, running.classId, '2025-04-01');
    await attend(fixture, sessionId, { [first]: 90, [second]: 180 });
    await attend(fixture, sessionId, { [first]: 180 });
    await completeTrainingClass(fixture.context(staff()), { classId: running.classId });
    const ids = [fixture.id(), fixture.id(), fixture.id()];
    const at = fixture.clock.now;
    for (const [sql, values] of [
      [
        `INSERT INTO training_scheme (id, project_id, version, status, total_centihours,
           practice_centihours, practice_warning, submitted_at)
         VALUES ($1, $2, 1, 'SUBMITTED', 400, 0, true, $3)`,
        [ids[0], projectId, at],
      ],
      [
        `INSERT INTO scheme_module VALUES ($1, 1, 'x', 'ETHICS', true, 400, false, 'LECTURE', '{}')`,
        [ids[0]],
      ],
      [
        `INSERT INTO institution_rating VALUES ($1, $2, 'A', 9000, 1, $3)`,
        [ids[1], institutionId, at],
      ],
      [
        `INSERT INTO institution_suspension (id, institution_id, by_unit_code, reason, from_date)
         VALUES ($1, $2, $3, 'x', '2025-04-01')`,
        [ids[2], institutionId, COUNTY_A],
      ],
    ] as const) {
      await fixture.db.query(sql, [...values]);
    }
  });
  afterAll(() => fixture.stop());

  it('stands before a fence around every table', async () => {
    const all = [...REGISTER, RATED, ...PARTICIPANTS, ...PROJECTS, ...OTHERS].sort();
    expect(await fenceProblems(fixture.db.manager)).toEqual([]);
    expect(await fencedTables(fixture.db)).toEqual([...all, 'role_assignment'].sort());
    expect(tablesWithRows(await seenBy('SYSTEM'))).toEqual(all);
    expect(await openWithoutScope(fixture.db)).toEqual([]);
  });

  it('tells a person of every table that has a column for her', async () => {
    expect(await personalGaps(fixture.db.manager, personal)).toEqual([]);
  });

  it('finds nothing without login or for the operator, the register for strangers', async () => {
    const evaluator: Actor = { subject: 'e', role: 'EVALUATOR', unit: COUNTY_B };
    const scopes: [Scope, string[]][] = [
      [null, []],
      [{ subject: 'p', role: 'PLATFORM', unit: PROVINCE }, []],
      [teacherActor(fixture.id(), SCHOOL_B1), REGISTER],
      [staff('INST-2'), REGISTER],
      [evaluator, REGISTER],
      [officer(COUNTY_B), [...REGISTER, RATED].sort()],
      [{ ...officer(COUNTY_B), role: 'ANALYST' }, [...REGISTER, RATED].sort()],
      [officer('nowhere'), [...REGISTER, RATED].sort()],
    ];
    for (const [scope, expected] of scopes) {
      expect({ scope, seen: tablesWithRows(await seenBy(scope)) }).toEqual({
        scope,
        seen: expected,
      });
    }
  });

  it('finds for organiser and city all but single answers, for staff what they deliver', async () => {
    const answers = 'needs_survey_answer';
    for (const unit of [COUNTY_A, CITY]) {
      const seen = await seenBy({ ...officer(unit), role: 'ANALYST' });
      const expected = { ...(await seenBy('SYSTEM')), [answers]: [] };
      expect(seen).toEqual(expected);
    }
    const delivered = await seenBy(staff());
    expect(tablesWithRows(delivered)).toEqual(
      [...REGISTER, RATED, ...PARTICIPANTS, ...PROJECTS].sort(),
    );
    expect(delivered['enrolment']).toHaveLength(2);
  });

  it('finds of participants a teacher herself alone', async () => {
    const seen = await seenBy(teacherActor(local, SCHOOL_A1));
    expect(seen['enrolment']?.map(({ id }) => id)).toEqual([enrolmentIds[0]]);
    expect(seen['nomination']).toHaveLength(1);
    expect(seen['attendance']).toHaveLength(1);
    expect(seen['participation']).toHaveLength(1);
    expect(seen['teacher_copy']?.map(({ id }) => id)).toEqual([local]);
    expect(seen['needs_survey_answer']).toEqual([]);
  });

  it('opens a project to every teacher when approved, to every agency when recognised', async () => {
    const elsewhere = teacherActor(fixture.id(), SCHOOL_B1);
    // The organiser's own unit has named the evaluator: that gives no project.
    const evaluator: Actor = { subject: 'e', role: 'EVALUATOR', unit: COUNTY_A };
    const step = "INSERT INTO project_step (project_id, status, at) VALUES ($1, 'FILED', now())";
    await fixture.db.query(step, [projectId]);
    for (const actor of [elsewhere, evaluator]) {
      expect(await idsIn(actor, 'training_project')).toEqual([]);
    }
    await fixture.db.query(step.replace('FILED', 'APPROVED'), [projectId]);
    expect(await idsIn(elsewhere, 'training_project')).toEqual([projectId]);
    expect(await idsIn(evaluator, 'training_project')).toEqual([]);
    const set = 'UPDATE training_project SET status = $2 WHERE id = $1 RETURNING status';
    await fixture.db.query(set, [projectId, 'RECOGNISED']);
    for (const actor of [elsewhere, evaluator]) {
      expect(await idsIn(actor, 'training_project')).toEqual([projectId]);
      expect((await seenBy(actor))['enrolment']).toEqual([]);
    }
    await fixture.db.query(set, [projectId, 'RUNNING']);
  });

  it('finds for the new county what its teacher took part in, and of others nothing', async () => {
    await deliver(fixture.inbox, teacherTransferred, moving, {
      teacherId: moving,
      fromUnitCode: SCHOOL_A1,
      toUnitCode: SCHOOL_B1,
      sector: 'BASIC',
      stage: 'PRIMARY',
      on: '2025-04-05',
    });
    const seen = await seenBy(officer(COUNTY_B));
    expect(seen['enrolment']?.map(({ id }) => id)).toEqual([enrolmentIds[1]]);
    for (const table of ['nomination', 'participation', 'attendance', 'teacher_copy']) {
      expect({ table, rows: seen[table]?.length }).toEqual({ table, rows: 1 });
    }
    expect(seen['training_project']?.map(({ id }) => id)).toEqual([projectId]);
    expect(seen['session']).toHaveLength(1);
    expect(await idsIn(officer(COUNTY_A), 'enrolment')).toEqual([...enrolmentIds].sort());
    expect(await idsIn(officer(SCHOOL_A1), 'enrolment')).toEqual([...enrolmentIds].sort());
  });
});
