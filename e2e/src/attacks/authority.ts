import assert from 'node:assert/strict';
import { answered, codesOf, nothing, refused, type Attack } from './attack.js';
import type { Field, Got, Sending } from './field.js';
import { ANONYMOUS_ONLY, MUTATION_ROLES, PERSONA_OF } from './mutation-roles.js';
import { documentFor, fieldsOf, sampleOf } from './sample.js';

const personas = (field: Field): [string, Sending][] =>
  Object.entries(PERSONA_OF).map(([role, persona]) => [
    role,
    role === 'TEACHER' ? field.teacher(0) : { persona },
  ]);

const refusesRole = (got: Got): boolean =>
  got.errors.some(({ message }) => /^Your role \(/.test(message));

const everyMutation: Attack = {
  name: 'the wrong role, or none, on each mutation',
  async run(field) {
    const unknown = fieldsOf(field.schema, 'mutation')
      .map(({ name }) => name)
      .filter((name) => !MUTATION_ROLES.has(name) && !ANONYMOUS_ONLY.includes(name));
    assert.deepEqual(unknown, [], 'mutations that mutation-roles.ts does not know');
    for (const mutation of fieldsOf(field.schema, 'mutation')) {
      const { name, args } = mutation;
      const document = documentFor('mutation', mutation);
      const variables = Object.fromEntries(args.map((arg) => [arg.name, sampleOf(arg.type)]));
      const send = (by: Sending) => field.ask(document, { ...by, variables });
      if (ANONYMOUS_ONLY.includes(name)) {
        for (const [, by] of personas(field)) nothing(await send(by), 'REFUSED', 'FORBIDDEN');
        assert.ok(!codesOf(await send({})).includes('UNAUTHENTICATED'));
        continue;
      }
      nothing(await send({}), 'UNAUTHENTICATED');
      for (const [role, by] of personas(field)) {
        const got = await send(by);
        const may = MUTATION_ROLES.get(name)?.some((each) => each === role);
        if (may) {
          assert.ok(!refusesRole(got), `${role} may use ${name}: ${got.text}`);
          assert.ok(!codesOf(got).includes('INTERNAL'), `${role} ${name}: ${got.text}`);
        } else {
          assert.ok(refusesRole(got), `${role} may not use ${name}: ${got.text.slice(0, 300)}`);
          nothing(got, 'FORBIDDEN');
        }
      }
    }
  },
};

const massAssignment: Attack = {
  name: 'fields that are not the caller’s to set',
  async run(field) {
    const create = `mutation($input: CreateTrainingProjectInput!) {
      createTrainingProject(input: $input) { project { id status organiser { code } } } }`;
    const by = field.county(0);
    for (const extra of ['id', 'status', 'fundsState', 'approvedBy', '__proto__', 'statusSince']) {
      const input = JSON.parse(
        JSON.stringify(field.projectInput(0)).replace('{', `{"${extra}":"CLOSED",`),
      ) as object;
      const body = JSON.stringify({ query: create, variables: { input: 0 } }).replace(
        '"input":0',
        `"input":${JSON.stringify(input).replace('{', `{"${extra}":"CLOSED",`)}`,
      );
      const got = await field.post(body, by);
      if (extra !== '__proto__') refused(got, 400, 'BAD_USER_INPUT');
      else assert.ok(got.status < 500);
    }
    const foreign = { input: field.projectInput(0, { organiserCode: field.places.counties[1] }) };
    nothing(await field.ask(create, { ...by, variables: foreign }), 'FORBIDDEN', 'NOT_FOUND');
    const register = `mutation($input: RegisterTeachersInput!) {
      registerTeachers(input: $input) { rows { status teacher { id } } } }`;
    const row = { ...field.rosterRow(0), teacherId: field.places.teachers[1] };
    const withId = await field.ask(register, { ...by, variables: { input: { rows: [row] } } });
    refused(withId, 400, 'BAD_USER_INPUT');
    const elsewhere = { input: { rows: [field.rosterRow(1)] } };
    const taken = await field.ask(register, { ...by, variables: elsewhere });
    assert.match(taken.text, /REJECTED|FORBIDDEN|NOT_FOUND/);
    assert.doesNotMatch(taken.text, /REGISTERED/);
    const own = field.system.url;
    const token = await field.http(`${own}/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: own },
      body: JSON.stringify({ persona: 'teacher', role: 'PLATFORM', unit: '140000', sub: 'x' }),
    });
    assert.match(token.text, /"role":"TEACHER"/);
    const project = answered(
      await field.ask(create, { ...by, variables: { input: field.projectInput(0) } }),
    )['createTrainingProject'] as { project: { status: string; organiser: { code: string } } };
    assert.equal(project.project.status, 'DRAFT');
    assert.equal(project.project.organiser.code, field.places.counties[0]);
  },
};

export const authority: readonly Attack[] = [everyMutation, massAssignment];
