/** A JSON Schema as it stands in a file: only the keywords that are looked at are named. */
export interface JsonSchema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  [keyword: string]: unknown;
}

/** What is compared of two versions of one event type's golden snapshot. */
export interface Snapshot {
  topic: string;
  key: string;
  retention?: string;
  dataClass: string;
  schema: JsonSchema;
}

/**
 * A change that somebody trips over. The *consumer* was written for the old version and reads new
 * events; the *producer* was written for it and sends, or has sent long ago, old ones: topics keep
 * their history, so every old event must fit for ever.
 */
export interface Break {
  hurts: 'consumer' | 'producer';
  path: string;
  why: string;
}

type Report = (hurts: Break['hurts'], path: string, why: string) => void;

/** Keywords that bind nobody, so that they may change. */
const ANNOTATION = /^(title|description|examples?|default|deprecated|\$id|\$schema|\$comment)$/;
/** Keywords of which a smaller number lets more through, and those of which a larger one does. */
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const HANDLED = new Set([
  ...['type', 'const', 'enum', 'anyOf', 'properties', 'required', 'items'],
  ...['additionalProperties', 'x-data-class', ...LOWER, ...UPPER],
]);

/**
 * Everything in `after` that breaks who relies on `before`; empty when nothing does. Enumerations
 * are closed: a value more breaks a consumer (docs/decisions/0008).
 */
export function breaksOf(before: Snapshot, after: Snapshot): Break[] {
  const breaks: Break[] = [];
  const report: Report = (hurts, path, why) => breaks.push({ hurts, path, why });
  for (const name of ['topic', 'key', 'retention'] as const) {
    // What an older snapshot did not keep it cannot be held to.
    if (before[name] === undefined || before[name] === after[name]) continue;
    report('consumer', '', `${name} was ${before[name]}, is ${after[name]}`);
    report('producer', '', `${name} was ${before[name]}, is ${after[name]}`);
  }
  if (before.dataClass < after.dataClass) {
    report('consumer', '', `holds personal data of class ${after.dataClass} now`);
  }
  compare(before.schema, after.schema, '', report);
  return breaks;
}

function compare(before: JsonSchema, after: JsonSchema, path: string, report: Report): void {
  compareVariants(before, after, path, report);
  compareClass(before, after, path, report);
  compareFields(before, after, path, report);
  compareRequired(before, after, path, report);
  compareOpenness(before, after, path, report);
  for (const keyword of [...LOWER, ...UPPER]) compareBound(keyword, before, after, path, report);
  if (before.items && after.items) compare(before.items, after.items, `${path}[]`, report);
  else if (before.items) report('consumer', `${path}[]`, 'may now be anything');
  else if (after.items) report('producer', `${path}[]`, 'may no longer be anything');
  compareRest(before, after, path, report);
}

/** The things that a value may be, one by one: each literal, each type. */
function variantsOf(schema: JsonSchema): Map<string, JsonSchema> {
  if (schema.anyOf) return new Map(schema.anyOf.flatMap((each) => [...variantsOf(each)]));
  const literals = 'const' in schema ? [schema.const] : schema.enum;
  if (literals) return new Map(literals.map((value) => [JSON.stringify(value), literal(value)]));
  const types = schema.type === undefined ? ['anything'] : [schema.type].flat();
  return new Map(types.map((type) => [type, schema]));
}

const literal = (value: unknown): JsonSchema => (value === null ? { type: 'null' } : {});

function compareVariants(
  before: JsonSchema,
  after: JsonSchema,
  path: string,
  report: Report,
): void {
  const [old, now] = [variantsOf(before), variantsOf(after)];
  for (const [variant, schema] of old) {
    const kept = now.get(variant);
    if (!kept) report('producer', path, `may no longer be ${variant}`);
    // A schema without anyOf is its own variant, and is compared by the caller.
    else if (schema !== before || kept !== after) compare(schema, kept, path, report);
  }
  for (const variant of now.keys()) {
    if (!old.has(variant)) report('consumer', path, `may now be ${variant}`);
  }
}

function compareClass(before: JsonSchema, after: JsonSchema, path: string, report: Report): void {
  const [old, now] = [before, after].map((schema) => String(schema['x-data-class'] ?? ''));
  if (old && now && old < now) report('consumer', path, `is of class ${now} now`);
}

function compareFields(before: JsonSchema, after: JsonSchema, path: string, report: Report): void {
  const [old, now] = [before.properties ?? {}, after.properties ?? {}];
  for (const [name, schema] of Object.entries(old)) {
    const kept = now[name];
    if (kept) compare(schema, kept, `${path}/${name}`, report);
    else report('consumer', `${path}/${name}`, 'is gone');
  }
  if (before.additionalProperties !== false) return;
  for (const name of Object.keys(now)) {
    if (!(name in old)) report('consumer', `${path}/${name}`, 'is new where none may be added');
  }
}

function compareRequired(
  before: JsonSchema,
  after: JsonSchema,
  path: string,
  report: Report,
): void {
  const [old, now] = [before.required ?? [], after.required ?? []];
  for (const name of old) {
    if (!now.includes(name)) report('consumer', `${path}/${name}`, 'is no longer required');
  }
  for (const name of now) {
    if (!old.includes(name)) report('producer', `${path}/${name}`, 'is newly required');
  }
}

function compareOpenness(
  before: JsonSchema,
  after: JsonSchema,
  path: string,
  report: Report,
): void {
  const [old, now] = [before, after].map((schema) => schema.additionalProperties ?? true);
  if (JSON.stringify(old) === JSON.stringify(now)) return;
  if (now !== true) report('producer', path, 'takes no field beyond those named');
  if (old !== true) report('consumer', path, 'has fields beyond those named');
}

function compareBound(
  keyword: string,
  before: JsonSchema,
  after: JsonSchema,
  path: string,
  report: Report,
): void {
  const none = LOWER.includes(keyword) ? -Infinity : Infinity;
  const [old, now] = [before, after].map((schema) => Number(schema[keyword] ?? none));
  if (old === undefined || now === undefined || old === now) return;
  const wider = LOWER.includes(keyword) ? now < old : now > old;
  report(wider ? 'consumer' : 'producer', path, `${keyword} was ${old}, is ${now}`);
}

/** Any other keyword: put in it lets less through, taken out more, changed we cannot say. */
function compareRest(before: JsonSchema, after: JsonSchema, path: string, report: Report): void {
  for (const keyword of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (HANDLED.has(keyword) || ANNOTATION.test(keyword)) continue;
    const [old, now] = [before[keyword], after[keyword]];
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    const why = `${keyword} was ${JSON.stringify(old)}, is ${JSON.stringify(now)}`;
    if (old !== undefined) report('consumer', path, why);
    if (now !== undefined) report('producer', path, why);
  }
}
