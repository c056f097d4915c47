import { Type, type TSchema } from '@sinclair/typebox';

/** Shapes that several contracts use; each is one JSON Schema. */

/** A shape with what it means in this place. */
export const says = <S extends TSchema>(schema: S, description: string): S => ({
  ...schema,
  description,
});

export const Uuid = Type.String({ format: 'uuid' });
export const UnitCode = Type.String({
  pattern: '^[0-9A-Z]{6,18}$',
  description: "Official code of an OrgUnit: GB/T 2260 (six digits) or a school's code.",
});
export const Instant = Type.String({
  format: 'date-time',
  description: 'An instant, ISO 8601 in UTC.',
});
export const LocalDate = Type.String({
  format: 'date',
  description: 'A calendar date in Asia/Shanghai.',
});
export const Year = Type.Integer({
  minimum: 2000,
  maximum: 2100,
  description: 'A calendar year in Asia/Shanghai.',
});
export const Fen = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Integer fen (分).',
});
export const Centihours = Type.Integer({
  description: 'Integer hundredths of an hour (学时); negative in a reversal.',
});
export const Minutes = Type.Integer({
  minimum: 0,
  maximum: 100_000,
  description: 'Whole minutes.',
});
export const RuleId = Type.String({
  description: 'Id of a rule, e.g. HOURS-ONCE; the list grows.',
});

/** One of some words; typed as their union. */
export const literals = <const T extends readonly string[]>(values: T) =>
  Type.Unsafe<T[number]>(Type.Union(values.map((value) => Type.Literal(value))));

export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** A text shown to people, in both languages. */
export const Bilingual = Type.Object({ zh: Type.String(), en: Type.String() });

export const Tier = literals(['PROVINCE', 'CITY', 'COUNTY', 'SCHOOL']);
export const Sector = literals(['BASIC', 'VOCATIONAL', 'HIGHER']);
export const Stage = literals([
  'KINDERGARTEN',
  'PRIMARY',
  'JUNIOR_SECONDARY',
  'SENIOR_SECONDARY',
  'SPECIAL',
  'SECONDARY_VOCATIONAL',
  'HIGHER',
]);
/** What an account may act as; an OFFICER's tier is that of her unit. */
export const Role = literals([
  'PLATFORM',
  'OFFICER',
  'COORDINATOR',
  'INSTITUTION',
  'TEACHER',
  'EVALUATOR',
  'FINANCE',
  'AUDITOR',
  'ANALYST',
]);
export const Ladder = literals(['NEW', 'YOUNG', 'BACKBONE', 'MASTER']);
export const ProjectLevel = literals(['NATIONAL', 'PROVINCIAL', 'CITY', 'COUNTY', 'SCHOOL']);
/** How a session is held; hours have their source by level and modality. */
export const Modality = literals([
  'FACE_TO_FACE',
  'ONLINE',
  'PLACEMENT',
  'SHADOWING',
  'OUTREACH',
  'SCHOOL_BASED',
]);

export const InstitutionKind = literals([
  'NORMAL_UNIVERSITY',
  'UNIVERSITY',
  'DEVELOPMENT_BODY',
  'BASE_SCHOOL',
  'ENTERPRISE',
]);

/** One version of a parameter, without its key. */
export const policyVersion = {
  version: Type.Integer({ minimum: 1 }),
  value: says(Type.Unknown(), 'Any JSON value; numbers are integers in `unit`.'),
  unit: says(Type.String(), 'e.g. centihours, minutes, permille, basis-points, enum.'),
  validFrom: LocalDate,
  validTo: nullable(LocalDate),
  scopeCode: says(
    nullable(UnitCode),
    'The unit whose subtree the version holds for; null: the whole province.',
  ),
  rules: says(Type.Array(RuleId), 'The rules that read it.'),
  instrument: Type.String(),
  article: Type.String(),
  quotation: Type.String(),
  publishedAt: Instant,
};

/** A long leave, in which a teacher serves without serving. */
export const leave = {
  leaveId: Uuid,
  from: LocalDate,
  to: says(nullable(LocalDate), 'Last day; null while it is not known.'),
  withdrawn: says(Type.Boolean(), 'It was recorded in error and counts as never taken.'),
};
