import { describe, expect, it } from '@jest/globals';
import type { Acting } from '@yanxiu/registry/permission';
import { at, whoMay } from '@yanxiu/testkit/acting';
import { may as mayPlan } from './annual-plan/rules.js';
import { may as mayClass, type Delivery } from './class/rules.js';
import { may as mayEnrol } from './enrolment/rules.js';
import { may as mayInstitution } from './institution/rules.js';
import { may as mayNominate } from './nomination/rules.js';
import { may as mayComplete } from './participation/rules.js';
import { may as mayProject } from './project/rules.js';
import type { ProjectAction } from './project/steps.js';
import { may as mayQuota } from './quota/rules.js';
import { may as mayScheme } from './scheme/rules.js';
import { may as maySession } from './session/rules.js';
import { may as mayStudy } from './study/rules.js';
import { may as maySurvey } from './survey/rules.js';

const [CITY, COUNTY, SCHOOL] = ['140400', '140403', '1404030001'];
const BOTH = [...at('OFFICER'), ...at('COORDINATOR')];

/** A project of the city, as it stands to an actor who does, or does not, hold it or deliver it. */
const delivery = (more: Partial<Delivery> = {}): Delivery => ({
  ...{ level: 'CITY', organiserCode: CITY, contained: false, delivered: false },
  ...more,
});
const asSeenBy = ({ role }: Acting): Delivery =>
  delivery({ contained: role !== 'INSTITUTION', delivered: role === 'INSTITUTION' });
const RUNNERS = [...BOTH, ...at('INSTITUTION')];

describe('a unit for itself', () => {
  const plan = { unitCode: COUNTY, superiorCode: CITY };

  it('an officer acts for a department, the coordinator for the school', () => {
    const records = (unitCode: string) =>
      whoMay((actor) => mayStudy(actor, 'record', { unitCode }));
    expect(records(COUNTY)).toEqual(at('OFFICER', 'COUNTY'));
    expect(records(SCHOOL)).toEqual([...at('OFFICER', 'SCHOOL'), ...at('COORDINATOR', 'SCHOOL')]);
  });

  it.each([
    ['draft', 'COUNTY'],
    ['file', 'COUNTY'],
    ['accept', 'CITY'],
    ['return', 'CITY'],
  ] as const)('may %s a plan of a county: the %s', (action, tier) => {
    expect(whoMay((actor) => mayPlan(actor, action, plan))).toEqual(at('OFFICER', tier));
  });

  it.each(['register', 'accredit', 'suspend', 'reinstate'] as const)(
    'may %s an institution: the province and the cities',
    (action) => {
      const allowed = whoMay((actor) => mayInstitution(actor, action));
      expect(allowed).toEqual(at('OFFICER', 'PROVINCE', 'CITY'));
    },
  );
});

describe('a project', () => {
  const project = { organiserCode: COUNTY, authorityCode: CITY, level: 'COUNTY' } as const;

  it('is written by its organiser', () => {
    const creates = whoMay((actor) => mayProject(actor, 'create', project));
    expect(creates).toEqual(at('OFFICER', 'COUNTY'));
  });

  it.each<[ProjectAction, string[]]>([
    ['submit', at('OFFICER', 'COUNTY')],
    ['approve', at('OFFICER', 'CITY')],
    ['reject', at('OFFICER', 'CITY')],
    ['cancel', at('OFFICER', 'COUNTY')],
    ['suspend', at('OFFICER', 'CITY', 'COUNTY')],
    ['recognise', []],
  ])('%s: by the unit whose step it is', (action, allowed) => {
    const takes = whoMay((actor) => mayProject(actor, 'step', { action, project }));
    expect(takes).toEqual(allowed);
  });

  it.each(['approve', 'return'] as const)('its organiser may %s its scheme', (action) => {
    const reviews = whoMay((actor) => mayScheme(actor, action, project));
    expect(reviews).toEqual(at('OFFICER', 'COUNTY'));
  });

  it('its scheme comes from the organiser, or staff of a deliverer', () => {
    const submits = (delivered: boolean) =>
      whoMay((actor) => mayScheme(actor, 'submit', { ...project, delivered }));
    expect(submits(true)).toEqual([...at('OFFICER', 'COUNTY'), ...at('INSTITUTION')]);
    expect(submits(false)).toEqual(at('OFFICER', 'COUNTY'));
  });

  it('its survey is for the organiser and officers of counties below', () => {
    const organiser = { code: CITY, governed: true, below: true };
    const opens = whoMay((actor) => maySurvey(actor, 'open', organiser));
    expect(opens).toEqual([...at('OFFICER', 'CITY', 'COUNTY'), ...at('COORDINATOR', 'CITY')]);
    const elsewhere = { code: '140200', governed: false, below: false };
    expect(whoMay((actor) => maySurvey(actor, 'close', elsewhere))).toEqual([]);
  });

  it('its survey is answered by teachers and schools below the organiser', () => {
    const answers = (below: boolean) => whoMay((actor) => maySurvey(actor, 'answer', { below }));
    expect(answers(true).sort()).toEqual([...at('TEACHER'), ...at('COORDINATOR')].sort());
    expect(answers(false)).toEqual([]);
  });
});

describe('what a project delivers', () => {
  const runs = {
    'open a class': (actor: Acting, project: Delivery) => mayClass(actor, 'open', project),
    'schedule a session': (actor: Acting, project: Delivery) =>
      maySession(actor, 'schedule', project),
    'confirm enrolments': (actor: Acting, project: Delivery) => mayEnrol(actor, 'confirm', project),
    'complete a class': (actor: Acting, project: Delivery) =>
      mayComplete(actor, 'complete', project),
  };

  it.each(Object.entries(runs))('%s: the organiser and the deliverers', (_, right) => {
    expect(whoMay((actor) => right(actor, asSeenBy(actor)))).toEqual(RUNNERS);
    expect(whoMay((actor) => right(actor, delivery()))).toEqual([]);
  });

  it('attendance is taken by the deliverers, at a school by itself', () => {
    const records = (project?: Delivery) =>
      whoMay((actor) => maySession(actor, 'record', project ?? asSeenBy(actor)));
    expect(records()).toEqual(at('INSTITUTION'));
    const own = delivery({ level: 'SCHOOL', organiserCode: SCHOOL, contained: true });
    expect(records(own)).toEqual(at('COORDINATOR', 'SCHOOL'));
  });

  it('a participant is withdrawn by these and by those who answer for her', () => {
    const withdraws = (governed: boolean, project?: Delivery) =>
      whoMay((actor) =>
        mayEnrol(actor, 'withdraw', {
          project: project ?? asSeenBy(actor),
          sender: { governed },
        }),
      );
    expect(withdraws(false)).toEqual(RUNNERS);
    expect(withdraws(true, delivery())).toEqual(BOTH);
    expect(withdraws(false, delivery())).toEqual([]);
  });

  it('a nomination is withdrawn by the sending unit and the organiser', () => {
    const withdraws = (governed: boolean, contained: boolean) =>
      whoMay((actor) =>
        mayNominate(actor, 'withdraw', {
          project: delivery({ contained, delivered: true }),
          sender: { code: SCHOOL, governed },
        }),
      );
    expect(whoMay((actor) => mayNominate(actor, 'nominate'))).toEqual(BOTH);
    expect(withdraws(true, false)).toEqual(BOTH);
    expect(withdraws(false, true)).toEqual(BOTH);
    expect(withdraws(false, false)).toEqual([]);
  });

  it('seats come from a quota by those who govern its unit, else from the organiser', () => {
    const allocates = (project: Delivery, source: { code: string; governed: boolean } | null) =>
      whoMay((actor) => mayQuota(actor, 'allocate', { project, source }));
    const ours = delivery({ contained: true });
    expect(allocates(ours, null)).toEqual(BOTH);
    expect(allocates(delivery(), null)).toEqual([]);
    expect(allocates(delivery(), { code: COUNTY, governed: true })).toEqual(BOTH);
    expect(allocates(ours, { code: COUNTY, governed: false })).toEqual([]);
  });
});
