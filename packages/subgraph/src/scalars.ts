import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { isDate } from './calendar.js';
import { formatHundredths, parseHundredths } from './decimal.js';

const bad = (message: string) =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });

/** Integer hundredths inside, a decimal string with two places outside. */
function hundredths(name: string, example: string): GraphQLScalarType<number, string> {
  const parse = (value: unknown): number => {
    const number =
      typeof value === 'string'
        ? parseHundredths(value)
        : typeof value === 'number' && Number.isSafeInteger(value)
          ? parseHundredths(String(value))
          : null;
    if (number === null) {
      throw bad(`${name} is a decimal string with at most two places, e.g. "${example}"`);
    }
    return number;
  };
  return new GraphQLScalarType<number, string>({
    name,
    serialize: (value) => formatHundredths(Number(value)),
    parseValue: parse,
    parseLiteral: (node) =>
      parse(node.kind === Kind.STRING || node.kind === Kind.INT ? node.value : null),
  });
}

const parseInstant = (value: unknown): Date => {
  const date =
    typeof value === 'string' && /[Zz]|[+-]\d{2}:\d{2}$/.test(value)
      ? new Date(value)
      : new Date(Number.NaN);
  if (Number.isNaN(date.getTime())) {
    throw bad('DateTime is ISO 8601 with an offset, e.g. "2025-06-30T08:00:00+08:00"');
  }
  return date;
};

const parseDate = (value: unknown): string => {
  if (typeof value === 'string' && isDate(value)) return value;
  throw bad('Date is a calendar date, e.g. "2025-06-30"');
};

const stringNode = (node: ValueNode): unknown => (node.kind === Kind.STRING ? node.value : null);

/** Resolvers of the scalars of base.graphql. */
export const scalars = {
  Hours: hundredths('Hours', '72.00'),
  Money: hundredths('Money', '12500.00'),
  DateTime: new GraphQLScalarType<Date, string>({
    name: 'DateTime',
    serialize: (value) => (value instanceof Date ? value : new Date(String(value))).toISOString(),
    parseValue: parseInstant,
    parseLiteral: (node) => parseInstant(stringNode(node)),
  }),
  Date: new GraphQLScalarType<string, string>({
    name: 'Date',
    serialize: (value) => String(value),
    parseValue: parseDate,
    parseLiteral: (node) => parseDate(stringNode(node)),
  }),
};
