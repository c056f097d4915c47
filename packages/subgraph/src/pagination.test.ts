import { describe, expect, it } from '@jest/globals';
import { connectionOf, encodeCursor, pageOf } from './pagination.js';

const ID = '018bea3d-ca80-74c7-89ab-0a7c44c8f9f4';
const refusal = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return (error as { extensions?: { code?: string } }).extensions?.code;
  }
};

describe('a page of a list', () => {
  it.each([1, 50, 200])('takes first: %i', (first) =>
    expect(pageOf({ first }, 'uuid')).toEqual({ limit: first, after: null }),
  );
  it.each([0, -1, 201, 2_147_483_647])('refuses first: %i', (first) =>
    expect(refusal(() => pageOf({ first }, 'uuid'))).toBe('BAD_USER_INPUT'),
  );

  it('goes on after the cursor that it gave', () => {
    const page = pageOf({ first: 1 }, 'instant', 'uuid');
    const rows = [{ at: '2025-01-01T00:00:00.123456Z' }, { at: '2025-01-02T00:00:00.000Z' }];
    const { pageInfo } = connectionOf(rows, page, ({ at }) => [at, ID]);
    expect(pageInfo.hasNextPage).toBe(true);
    const next = pageOf({ after: pageInfo.endCursor }, 'instant', 'uuid');
    expect(next.after).toEqual(['2025-01-01T00:00:00.123456Z', ID]);
  });

  it.each([
    ['text', '1404030005', '\0'],
    ['uuid', ID, 'x'],
    ['integer', '2025', '99999999999'],
    ['integer', '-1', '1; DROP TABLE hour_entry'],
    ['bigint', '123456789012', '1.5'],
    ['instant', '2025-01-01T00:00:00.000Z', '2025-13-01T00:00:00.000Z'],
    ['instant', '2025-01-01T00:00:00Z', 'infinity'],
  ] as const)('takes a cursor of %s %s and refuses one of %j', (kind, good, bad) => {
    expect(pageOf({ after: encodeCursor([good]) }, kind).after).toEqual([good]);
    expect(refusal(() => pageOf({ after: encodeCursor([bad]) }, kind))).toBe('BAD_USER_INPUT');
  });

  it.each(['%%%', 'null', encodeCursor([]), encodeCursor([ID, ID]), 'WzFd'])(
    'refuses the cursor %s',
    (after) => expect(refusal(() => pageOf({ after }, 'uuid'))).toBe('BAD_USER_INPUT'),
  );
});
