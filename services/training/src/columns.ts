import type { ValueTransformer } from 'typeorm';

/** A bigint column as a number; fen and centihours stay within safe integers by constraint. */
export const integer: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};

/** Whether a text can be an id of ours at all; anything else is simply not found. */
export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
