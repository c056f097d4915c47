import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Field, Got } from './field.js';

/**
 * One way to get further than one may. `run` throws when the attack is not refused as it should
 * be, and when its counter-case, the right actor who asks the right thing, is.
 */
export interface Attack {
  name: string;
  run(field: Field): Promise<void>;
}

/** What a refusal may not give away: stacks, statements, types that were not asked for. */
const LEAK = /node_modules|\bat \w+ \(|SELECT |INSERT |relation "|syntax error at|Did you mean/;

/** Refused as a whole, with this status and code, and without data. */
export function refused(got: Got, status: number, code: string): void {
  assert.equal(got.status, status, got.text.slice(0, 300));
  assert.deepEqual(codesOf(got), [code], got.text.slice(0, 300));
  assert.equal(got.data, null, got.text.slice(0, 300));
  assert.doesNotMatch(got.text, LEAK);
}

/** Every part of the answer is null, and each error has one of the codes. */
export function nothing(got: Got, ...codes: string[]): void {
  assert.ok(got.errors.length > 0, `not refused: ${got.text.slice(0, 300)}`);
  for (const code of codesOf(got)) assert.ok(codes.includes(String(code)), got.text.slice(0, 300));
  for (const part of Object.values(got.data ?? {})) {
    assert.equal(part, null, got.text.slice(0, 300));
  }
  assert.doesNotMatch(got.text, LEAK);
}

const EMPTY = [null, { nodes: [] }];

/** Not there for this actor: null or no rows, with or without an error that says so. */
export function hidden(got: Got): void {
  if (got.errors.length > 0) {
    nothing(got, 'NOT_FOUND', 'FORBIDDEN', 'UNAUTHENTICATED', 'BAD_USER_INPUT');
  } else {
    const [value] = Object.values(got.data ?? {});
    assert.ok(
      EMPTY.some((each) => isDeepStrictEqual(each, value)),
      got.text.slice(0, 300),
    );
  }
}

/** Answered without an error. */
export function answered(got: Got): Record<string, unknown> {
  assert.equal(got.status, 200, got.text.slice(0, 300));
  assert.deepEqual(got.errors, [], got.text.slice(0, 300));
  assert.ok(got.data, got.text.slice(0, 300));
  return got.data;
}

export const codesOf = ({ errors }: Got): unknown[] =>
  errors.map(({ extensions }) => extensions.code);

export const times = (count: number, make: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => make(n)).join(' ');
