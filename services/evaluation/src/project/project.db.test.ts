import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { projectCancelled } from '@yanxiu/contracts/training';
import { deliver } from '@yanxiu/testkit/events';
import {
  CITY,
  COUNTY,
  OTHER_CITY,
  PROVINCE,
  World,
  all,
  evaluator,
  officer,
  teacher,
} from '../testing/world.js';
import { sweepDeadlines } from '../deadline.js';
import { submitAgencyAssessment } from '../agency/commands.js';
import { closeProjectEvaluation } from './commands.js';
import { projectEvaluation, projectEvaluations } from './queries.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.destroy());

const events = async (type: string, projectId: string): Promise<Record<string, unknown>[]> => {
  const rows = await world.rows<{ envelope: { data: Record<string, unknown> } }>(
    `SELECT envelope FROM outbox WHERE envelope ->> 'type' = $1
       AND envelope -> 'data' ->> 'projectId' = $2 ORDER BY seq`,
    [`cn.yanxiu.evaluation.${type}.v1`, projectId],
  );
  return rows.map(({ envelope }) => envelope.data);
};

const closeAs = (unit: string, projectId: string) =>
  closeProjectEvaluation(world.as(officer(unit)), { projectId });

describe('the file of an evaluation', () => {
  it('[R111] opens with the filed project and its channels with the recognised hours', async () => {
    const data = await world.file();
    const waiting = await projectEvaluation(world.as(officer(CITY)), data.projectId);
    expect(waiting).toMatchObject({ state: 'WAITING', organiserCode: CITY, year: 2025 });
    expect(await events('evaluation.opened', data.projectId)).toHaveLength(1);
    await expect(world.assess(data.projectId, 80)).rejects.toMatchObject({
      extensions: { rule: 'EVAL-THREE' },
    });
    await world.recognise(data);
    const open = await projectEvaluation(world.as(officer(CITY)), data.projectId);
    expect(open).toMatchObject({ state: 'OPEN', deadline: '2025-08-01' });
    await expect(world.assess(data.projectId, 80)).resolves.toBeDefined();
  });

  it('is closed without an outcome when the project is cancelled', async () => {
    const data = await world.file();
    const cancelled = { ...data, reason: '停办' };
    await deliver(world.inbox, projectCancelled, data.projectId, cancelled);
    const evaluation = await projectEvaluation(world.as(officer(CITY)), data.projectId);
    expect(evaluation).toMatchObject({ state: 'CLOSED', outcome: null, composite: null });
    expect(await events('evaluation.closed', data.projectId)).toEqual([]);
  });

  it('is not opened for school-based training (A28)', async () => {
    const { projectId } = await world.open(0, { level: 'SCHOOL', organiserCode: COUNTY });
    await expect(projectEvaluation(world.as(officer(PROVINCE)), projectId)).rejects.toMatchObject({
      extensions: { code: 'NOT_FOUND' },
    });
  });
});

describe('closing an evaluation', () => {
  it('[R115] refuses without all three channels, naming what is missing, and closes with them', async () => {
    const { projectId, teachers } = await world.open(9);
    const refusal = (missing: string[]) => ({
      extensions: { code: 'REFUSED', rule: 'EVAL-THREE', details: { missing } },
    });
    await expect(closeAs(CITY, projectId)).rejects.toMatchObject(
      refusal(['AGENCY', 'ANONYMOUS_ONLINE', 'SUPERVISION']),
    );
    await world.assess(projectId, 90);
    await world.inspect(projectId, 80);
    await world.respond(projectId, teachers.slice(0, 7));
    await expect(closeAs(CITY, projectId)).rejects.toMatchObject(refusal(['ANONYMOUS_ONLINE']));
    expect(await events('evaluation.closed', projectId)).toEqual([]);
    await world.respond(projectId, teachers.slice(7));
    await closeAs(CITY, projectId);
    const closed = await projectEvaluation(world.as(officer(CITY)), projectId);
    // (90 + 75 + 80) / 3 = 81.666…
    expect(closed).toMatchObject({ state: 'CLOSED', outcome: 'COMPOSITE', composite: 8167 });
    expect(closed.channels?.anonymous).toMatchObject({ count: 9, score: 7500, warning: true });
    expect(await events('evaluation.closed', projectId)).toMatchObject([
      { outcome: 'COMPOSITE', composite: 8167, agency: 9000, anonymous: 7500, supervision: 8000 },
    ]);
    const audit = await world.rows(
      `SELECT action FROM audit WHERE subject_id = $1 AND action = 'project.close'`,
      [closed.id],
    );
    expect(audit).toHaveLength(1);
    await expect(closeAs(CITY, projectId)).rejects.toMatchObject({
      extensions: { rule: 'EVAL-THREE' },
    });
  });

  it('weighs the channels as the policy says (A15)', async () => {
    await world.policy('evaluation.weights', { AGENCY: 2, ANONYMOUS_ONLINE: 1, SUPERVISION: 1 }, 2);
    const { projectId, teachers } = await world.open(8);
    await world.assess(projectId, 100);
    await world.inspect(projectId, 60);
    await world.respond(projectId, teachers, 5);
    await closeAs(PROVINCE, projectId);
    const closed = await projectEvaluation(world.as(officer(CITY)), projectId);
    expect(closed.composite).toBe(9000);
    await world.policy('evaluation.weights', { AGENCY: 1, ANONYMOUS_ONLINE: 1, SUPERVISION: 1 }, 3);
  });

  it('[R111] is for an officer in whose jurisdiction the organiser lies', async () => {
    const { projectId, teachers } = await world.open(8);
    await world.assess(projectId, 90);
    await world.inspect(projectId, 80);
    await world.respond(projectId, teachers);
    for (const unit of [COUNTY, OTHER_CITY]) {
      await expect(closeAs(unit, projectId)).rejects.toMatchObject({
        extensions: { code: 'FORBIDDEN' },
      });
    }
    const analyst = { ...officer(CITY), role: 'ANALYST' as const };
    await expect(closeProjectEvaluation(world.as(analyst), { projectId })).rejects.toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    });
    await expect(closeAs(PROVINCE, projectId)).resolves.toEqual({ projectId });
  });

  it('gives the same answer to the same idempotency key', async () => {
    const { projectId, teachers } = await world.open(8);
    await world.assess(projectId, 90);
    await world.inspect(projectId, 80);
    await world.respond(projectId, teachers);
    const input = { projectId, idempotencyKey: `close ${projectId}` };
    await closeProjectEvaluation(world.as(officer(CITY)), input);
    await closeProjectEvaluation(world.as(officer(CITY)), input);
    expect(await events('evaluation.closed', projectId)).toHaveLength(1);
  });

  it('[R115] closes as INSUFFICIENT only after the deadline, by an officer or by itself', async () => {
    const byOfficer = await world.open(3);
    const byItself = await world.open(8);
    await world.assess(byOfficer.projectId, 90);
    await world.respond(byItself.projectId, byItself.teachers);
    const before = world.clock.now;
    world.clock.now = new Date('2025-08-01T15:59:59.000Z'); // the last second of the deadline
    await expect(closeAs(CITY, byOfficer.projectId)).rejects.toMatchObject({
      extensions: { rule: 'EVAL-THREE' },
    });
    world.clock.now = new Date('2025-08-01T16:00:00.000Z');
    await closeAs(CITY, byOfficer.projectId);
    const { environment } = world.as(null);
    expect(await sweepDeadlines({ db: world.db, environment })).toBeGreaterThanOrEqual(1);
    expect(await sweepDeadlines({ db: world.db, environment })).toBe(0);
    world.clock.now = before;
    for (const { projectId } of [byOfficer, byItself]) {
      const closed = await projectEvaluation(world.as(officer(CITY)), projectId);
      expect(closed).toMatchObject({ outcome: 'INSUFFICIENT', composite: null });
      expect(await events('evaluation.closed', projectId)).toMatchObject([
        { outcome: 'INSUFFICIENT', composite: null },
      ]);
    }
  });
});

describe('who sees an evaluation', () => {
  const code = (name: string) => ({ extensions: { code: name } });

  it('shows it to the jurisdiction, to the deliverer and teachers once closed, to no operator', async () => {
    const { projectId, teachers } = await world.open(8);
    const deliverer = {
      subject: 'institution',
      role: 'INSTITUTION' as const,
      unit: PROVINCE,
      institution: world.institution.code,
    };
    const platform = { subject: 'platform', role: 'PLATFORM' as const, unit: PROVINCE };
    const ask = (actor: Parameters<World['as']>[0]) =>
      projectEvaluation(world.as(actor), projectId);
    await expect(ask(officer(PROVINCE))).resolves.toMatchObject({ projectId });
    await expect(ask(evaluator('AGENCY1'))).resolves.toMatchObject({ projectId });
    for (const actor of [officer(OTHER_CITY), deliverer, teacher(teachers[0] ?? ''), platform]) {
      await expect(ask(actor)).rejects.toMatchObject(code('NOT_FOUND'));
    }
    await expect(ask(null)).rejects.toMatchObject(code('UNAUTHENTICATED'));
    await world.assess(projectId, 90);
    await world.inspect(projectId, 80);
    await world.respond(projectId, teachers);
    await closeAs(CITY, projectId);
    for (const actor of [deliverer, teacher(teachers[0] ?? ''), evaluator('AGENCY1')]) {
      await expect(ask(actor)).resolves.toMatchObject({ state: 'CLOSED' });
    }
    for (const actor of [platform, evaluator('AGENCY2'), { ...deliverer, institution: 'INST9' }]) {
      await expect(ask(actor)).rejects.toMatchObject(code('NOT_FOUND'));
    }
  });

  it('pages through them without loss or repetition', async () => {
    const context = () => world.as(officer(PROVINCE));
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = await projectEvaluations(context(), { first: 2, after });
      seen.push(...page.nodes.map(({ id }) => id));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    const [total] = await world.rows<{ n: number }>(
      'SELECT count(*)::int n FROM project_evaluation',
    );
    expect(new Set(seen).size).toBe(total?.n);
    expect(seen).toHaveLength(total?.n ?? -1);
  });
});

describe('the agency', () => {
  it('[R112] EVAL-INDEPENDENT refuses the deliverer and the organiser as assessing agency', async () => {
    const { projectId } = await world.open(0);
    const independent = { extensions: { code: 'REFUSED', rule: 'EVAL-INDEPENDENT' } };
    const { code } = world.institution;
    await expect(world.assess(projectId, 80, code)).rejects.toMatchObject(independent);
    await expect(world.assess(projectId, 80, CITY)).rejects.toMatchObject(independent);
    expect(
      await world.rows(
        'SELECT 1 FROM agency_assessment a WHERE evaluation_id = (SELECT id FROM project_evaluation WHERE project_id = $1)',
        [projectId],
      ),
    ).toEqual([]);
    const { assessmentId } = await world.assess(projectId, 80, 'AGENCY1');
    await world.assess(projectId, 60, 'AGENCY2');
    const replaced = await world.assess(projectId, 90, 'AGENCY1');
    expect(replaced.assessmentId).toBe(assessmentId);
    const rows = await world.rows(
      'SELECT agency_code, score FROM agency_assessment WHERE evaluation_id = (SELECT id FROM project_evaluation WHERE project_id = $1) ORDER BY agency_code',
      [projectId],
    );
    expect(rows).toEqual([
      { agency_code: 'AGENCY1', score: 9000 },
      { agency_code: 'AGENCY2', score: 6000 },
    ]);
  });

  it('[R112] scores every criterion of the rubric, by an evaluator', async () => {
    const { projectId } = await world.open(0);
    const comment = '良好';
    const submit = (scores: { key: string; score: number }[], actor = evaluator('AGENCY1')) =>
      submitAgencyAssessment(world.as(actor), { projectId, scores, comment });
    const rule = { extensions: { rule: 'EVAL-RELIABLE' } };
    const full = all('AGENCY', 80);
    await expect(submit(full.slice(1))).rejects.toMatchObject(rule);
    await expect(submit([...full, { key: 'charm', score: 90 }])).rejects.toMatchObject(rule);
    await expect(submit([...full, { key: 'design', score: 90 }])).rejects.toMatchObject(rule);
    await expect(submit(all('AGENCY', 101))).rejects.toMatchObject(rule);
    await expect(submit(full, officer(PROVINCE))).rejects.toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    });
    await expect(submit(full)).resolves.toBeDefined();
  });
});

describe('the department in charge', () => {
  it('[R13] [R26] [R114] inspects by its officer or one above, never from aside or below', async () => {
    const { projectId } = await world.open(0);
    const forbidden = { extensions: { code: 'FORBIDDEN' } };
    await expect(world.inspect(projectId, 80, OTHER_CITY)).rejects.toMatchObject(forbidden);
    await expect(world.inspect(projectId, 80, COUNTY)).rejects.toMatchObject(forbidden);
    await expect(world.inspect(projectId, 80, CITY)).resolves.toBeDefined();
    await expect(world.inspect(projectId, 70, PROVINCE)).resolves.toBeDefined();
    const evaluation = await projectEvaluation(world.as(officer(CITY)), projectId);
    const [{ n } = { n: 0 }] = await world.rows<{ n: number }>(
      'SELECT count(*)::int n FROM supervision WHERE evaluation_id = $1',
      [evaluation.id],
    );
    expect(n).toBe(2);
  });

  it('[R13] [R114] a school supervises no one', async () => {
    const { projectId } = await world.open(0, { organiserCode: '140105S001', level: 'COUNTY' });
    await expect(world.inspect(projectId, 80, '140105S001')).rejects.toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    });
    await expect(world.inspect(projectId, 80, COUNTY)).resolves.toBeDefined();
  });
});
