import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { answered, refused, type Attack } from './attack.js';
import type { Field } from './field.js';

const SERVICES = ['personnel', 'training', 'hours', 'funding', 'evaluation'];
const YEAR = new Date().getFullYear();
const ENTITIES = (selection: string): string =>
  `query($r: [_Any!]!) { _entities(representations: $r) { ${selection} } }`;

/** Credentials that look like the gateway's. */
async function forgedCredentials(field: Field, service: string): Promise<(string | undefined)[]> {
  const other = SERVICES.find((name) => name !== service) ?? '';
  const { privateKey } = generateKeyPairSync('ed25519');
  const ours = new SignJWT({})
    .setProtectedHeader({ alg: 'EdDSA', typ: 'yanxiu-gateway+jwt' })
    .setIssuer('yanxiu-gateway')
    .setAudience(`yanxiu:${service}`)
    .setIssuedAt()
    .setExpirationTime('1m');
  const real = await field.credential(service);
  const [header = '', claims = ''] = real.split('.');
  const none = Buffer.from('{"alg":"none","typ":"yanxiu-gateway+jwt"}').toString('base64url');
  return [
    undefined,
    '',
    'yes',
    await ours.sign(privateKey),
    // Made for another service, or by another issuer: a user's token.
    await field.credential(other),
    await field.token('platform'),
    `${none}.${claims}.`,
    `${header}.${claims}.`,
  ];
}

const straight: Attack = {
  name: '_entities and _service straight at a service',
  async run(field) {
    const { teachers } = field.places;
    const by = { persona: 'province-officer' };
    for (const service of SERVICES) {
      for (const credential of await forgedCredentials(field, service)) {
        const variables = { r: [{ __typename: 'Teacher', id: teachers[0] }] };
        const query = ENTITIES('__typename');
        refused(
          await field.straight(service, query, { ...by, variables }, credential),
          401,
          'UNAUTHENTICATED',
        );
        const sdl = await field.straight(service, '{ _service { sdl } }', by, credential);
        refused(sdl, 401, 'UNAUTHENTICATED');
      }
      const real = await field.credential(service);
      answered(await field.straight(service, '{ __typename }', by, real));
    }
  },
};

/** What an entity of the other county has to show in each service, and under which key. */
const FOREIGN: readonly (readonly [
  string,
  string,
  'teachers' | 'projects' | 'counties',
  string,
])[] = [
  ['personnel', 'Teacher', 'teachers', 'name idNumberMasked hiredOn unit { code }'],
  ['hours', 'Teacher', 'teachers', `hours(year: ${YEAR}) { total }`],
  ['training', 'TrainingProject', 'projects', 'budget status name'],
  ['funding', 'OrgUnit', 'counties', `fundingBase(fiscalYear: ${YEAR}) { payroll }`],
  ['funding', 'TrainingProject', 'projects', 'funds { committed }'],
  ['evaluation', 'TrainingProject', 'projects', 'evaluation { composite }'],
];

const isEmpty = (value: unknown): boolean =>
  value === null || (Array.isArray(value) && value.every(isEmpty));

const foreign: Attack = {
  name: 'an object of another county by a representation, even with the gateway’s credential',
  async run(field) {
    for (const [service, type, what, fields] of FOREIGN) {
      const key = type === 'OrgUnit' ? 'code' : 'id';
      const r = [{ __typename: type, [key]: field.places[what][1], name: 'x', budget: '1.00' }];
      const query = ENTITIES(`... on ${type} { ${fields} }`);
      const credential = await field.credential(service);
      for (const by of [field.county(0), field.teacher(0), {}]) {
        const got = await field.straight(service, query, { ...by, variables: { r } }, credential);
        const [shown = null] = (got.data?.['_entities'] ?? []) as (object | null)[];
        for (const value of Object.values(shown ?? {})) {
          assert.ok(isEmpty(value), `${service} ${type}: ${got.text.slice(0, 300)}`);
        }
      }
      const right = { ...field.county(1), variables: { r } };
      answered(await field.straight(service, query, right, credential));
    }
  },
};

const misnamed: Attack = {
  name: 'a representation under a wrong __typename',
  async run(field) {
    const id = field.places.teachers[1];
    const credential = await field.credential('personnel');
    const secret = ENTITIES('__typename ... on Teacher { name hiredOn }');
    for (const __typename of ['OrgUnit', 'Query', 'Mutation', '__Schema', 'PageInfo', '', null]) {
      const r = [{ __typename, id, code: id, hiredOn: '2015-09-01' }];
      const by = { ...field.county(0), variables: { r } };
      const got = await field.straight('personnel', secret, by, credential);
      assert.doesNotMatch(got.text, /2015-09-01|王/, got.text);
    }
    const r = [{ __typename: 'Teacher', id: field.places.teachers[0] }];
    const by = { ...field.county(0), variables: { r } };
    answered(await field.straight('personnel', secret, by, credential));
  },
};

export const subgraphs: readonly Attack[] = [straight, foreign, misnamed];
