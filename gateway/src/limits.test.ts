import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mintToken } from '@yanxiu/subgraph/local-issuer';
import { DEFAULT_LIMITS } from './config.js';
import { startWorld } from './fixtures/world.js';
import type { Asked, World } from './fixtures/world.js';

const TEACHER = '{ teacher(id: "t-1") { name } }';
const times = (count: number, make: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => make(n)).join(' ');

describe('limits at the gateway', () => {
  let world: World;
  beforeAll(async () => {
    const cost = { usual: 500, analyst: 5_000 };
    const rates = { actorPerMinute: 8, addressPerMinute: 1_000 };
    world = await startWorld({ limits: { bodyBytes: 50_000, cost, rates, listItems: 20 } });
  });
  afterAll(() => world.stop());

  const token = (sub: string, role = 'OFFICER') =>
    mintToken(world.config.dataDir, { sub, role, unit: '140400' });
  const as = async (sub: string, role?: string) => ({
    headers: { authorization: `Bearer ${await token(sub, role)}` },
  });
  /** Refused with the code, in words that tell neither the limit nor the schema. */
  const expectRefusal = ({ status, data, errors }: Asked, expected: number, code: string) => {
    expect({ status, data, codes: errors?.map(({ extensions }) => extensions['code']) }).toEqual({
      status: expected,
      data: undefined,
      codes: [code],
    });
    expect(JSON.stringify(errors)).not.toMatch(/\d{2,}|Teacher|token|depth|alias|fragment/);
  };

  it.each([
    ['depth 50', `{ teacher(id: "t") ${'{ a '.repeat(50)} ${'}'.repeat(50)} }`],
    ['depth 1,000', `{ teacher(id: "t") ${'{ a '.repeat(1_000)} ${'}'.repeat(1_000)} }`],
    [
      '2,000 nested inline fragments',
      `{ ${'... { '.repeat(2_000)} hoursMinimum ${'}'.repeat(2_001)}`,
    ],
    ['1,000 aliases', `{ ${times(1_000, (n) => `a${n}: hoursMinimum`)} }`],
    ['500 directives', `{ hoursMinimum ${times(500, () => '@skip(if: false)')} }`],
    ['one field 10,000 times', `{ ${times(10_000, () => 'a')} }`],
    [
      'a fragment bomb',
      `{ ...F0 } ${times(40, (n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)}
       fragment F40 on Query { hoursMinimum }`,
    ],
  ])('refuse %s and ask no subgraph', async (_what, query) => {
    world.personnel.seen.length = 0;
    expectRefusal(await world.ask(query), 400, 'LIMIT_EXCEEDED');
    expect(world.personnel.seen).toHaveLength(0);
    expect((await world.ask(TEACHER)).data).toEqual({ teacher: { name: 'Teacher t-1' } });
  });

  it('refuse a list that is too long, also one inside a value', async () => {
    const query = 'query ($id: ID!) { teacher(id: $id) { name } }';
    const ids = Array.from({ length: 21 }, String);
    expectRefusal(await world.ask(query, { variables: { id: ids } }), 400, 'LIMIT_EXCEEDED');
    const within = await world.ask(query, { variables: { id: 't-1', more: { of: [ids] } } });
    expectRefusal(within, 400, 'LIMIT_EXCEEDED');
    expect((await world.ask(query, { variables: { id: 't-1' } })).status).toBe(200);
  });

  it('refuse an operation that may bring more than the caller needs', async () => {
    const page = (first: number) =>
      `{ teachers(first: ${first}) { nodes { teachers(first: 20) { nodes { id } } } } }`;
    expectRefusal(await world.ask(page(200)), 400, 'LIMIT_EXCEEDED');
    expect((await world.ask(page(10))).errors).toBeUndefined();
    expectRefusal(await world.ask(page(200), await as('o-1')), 400, 'LIMIT_EXCEEDED');
    expect((await world.ask(page(200), await as('a-1', 'ANALYST'))).errors).toBeUndefined();
    expectRefusal(
      await world.ask(page(100_000), await as('a-1', 'ANALYST')),
      400,
      'LIMIT_EXCEEDED',
    );
  });

  it('refuse a large body', async () => {
    const asked = await world.ask(TEACHER, { variables: { text: 'x'.repeat(60_000) } });
    expectRefusal(asked, 413, 'LIMIT_EXCEEDED');
  });

  it('refuse an account that asks too often, and nobody else', async () => {
    const busy = await as('busy');
    for (let n = 0; n < 8; n += 1) expect((await world.ask(TEACHER, busy)).status).toBe(200);
    const refused = await world.ask(TEACHER, busy);
    expectRefusal(refused, 429, 'RATE_LIMITED');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await world.ask(TEACHER, await as('calm'))).status).toBe(200);
    expect((await world.ask(TEACHER)).status).toBe(200);
  });

  it('speak the caller’s language', async () => {
    const asked = await world.ask(`{ ${times(1_000, (n) => `a${n}: hoursMinimum`)} }`, {
      headers: { 'accept-language': 'zh-CN' },
    });
    expect(asked.errors?.[0]?.message).toContain('单次查询的内容过多');
  });
});

describe('a caller with bad tokens', () => {
  it('is counted by address', async () => {
    const rates = { ...DEFAULT_LIMITS.rates, addressPerMinute: 3 };
    const world = await startWorld({ limits: { rates } });
    try {
      const bad = { headers: { authorization: 'Bearer nonsense' } };
      const statuses: number[] = [];
      for (let n = 0; n < 5; n += 1) statuses.push((await world.ask(TEACHER, bad)).status);
      expect(statuses).toEqual([401, 401, 401, 429, 429]);
    } finally {
      await world.stop();
    }
  });
});
