import { createHash } from 'node:crypto';
import { Kind, print, visit, type DocumentNode } from 'graphql';
import type { DataClass } from '../access.js';
import { nowOf, type Context } from '../context.js';
import { DomainError } from '../errors.js';

/** Classes of what is told of one person: who reads them of another leaves a trace. */
export const PERSONAL_CLASSES: ReadonlySet<DataClass> = new Set(['RECORD', 'NAME', 'IDENTITY']);

/** As many subjects as are named one by one; a page has at most 200 of each kind. */
const MOST_NAMED = 1_000;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Reads = Map<DataClass, Set<string>>;

const reads = new WeakMap<Context, Reads>();

/** The teacher whom an object of the graph tells of; null when it names none. */
export function subjectOf(typeName: string, source: unknown): string | null {
  if (typeof source !== 'object' || source === null) return null;
  const { teacherId, id } = source as { teacherId?: unknown; id?: unknown };
  const subject = teacherId ?? (typeName === 'Teacher' ? id : null);
  return typeof subject === 'string' && UUID.test(subject) ? subject.toLowerCase() : null;
}

/** Notes that this request shows data of a class about a teacher; her own reads leave no trace. */
export function noteRead(context: Context, data: DataClass, subject: string): void {
  const { actor } = context;
  if (!actor || actor.teacher?.toLowerCase() === subject) return;
  let ofRequest = reads.get(context);
  if (!ofRequest) reads.set(context, (ofRequest = new Map()));
  const subjects = ofRequest.get(data);
  if (subjects) subjects.add(subject);
  else ofRequest.set(data, new Set([subject]));
}

/**
 * Writes what the request has read of others, one audit row for each class, before its answer
 * leaves.
 * @throws DomainError UNAVAILABLE when that cannot be written: the answer must then be withheld.
 */
export async function recordReads(context: Context, document?: DocumentNode): Promise<void> {
  const { actor, db, environment, requestId } = context;
  const ofRequest = reads.get(context);
  if (!actor || !ofRequest) return;
  reads.delete(context);
  const newId = environment.ids(`${requestId}.reads`);
  const rows = [...ofRequest].map(([data, subjects]) => ({
    id: newId(),
    data_class: data,
    subject_ids: subjects.size > MOST_NAMED ? null : [...subjects],
    subject_count: subjects.size,
  }));
  const who = [nowOf(context), actor.subject, actor.role, actor.unit];
  const what = [document ? fingerprintOf(document) : null, requestId, JSON.stringify(rows)];
  try {
    await db.query(INSERT, [...who, ...what]);
  } catch (error) {
    context.log.error({ err: error, requestId }, 'the read of personal data could not be recorded');
    throw new DomainError('UNAVAILABLE', {
      zh: '暂时无法登记对个人信息的查阅，因此不能提供查询结果，请稍后再试。',
      en: 'The read of personal data cannot be recorded just now, so it is not shown. Try again.',
    });
  }
}

const INSERT = `
  INSERT INTO audit (id, at, actor, role, unit, action, subject_type, request_id, fingerprint,
                     data_class, subject_ids, subject_count)
  SELECT r.id, $1, $2, $3, $4, 'personal.read', 'Teacher', $6, $5,
         r.data_class, r.subject_ids, r.subject_count
  FROM jsonb_to_recordset($7::jsonb)
    AS r (id uuid, data_class text, subject_ids uuid[], subject_count integer)`;

const fingerprints = new WeakMap<DocumentNode, string>();

/** The root fields and a hash of the operation without any value that stood in it. */
export function fingerprintOf(document: DocumentNode): string {
  const known = fingerprints.get(document);
  if (known) return known;
  const roots = document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? definition.selectionSet.selections.flatMap((selection) =>
          selection.kind === Kind.FIELD ? [selection.name.value] : [],
        )
      : [],
  );
  const shape = visit(document, {
    Argument: (node) => ({ ...node, value: { kind: Kind.NULL } }),
    Field: (node) => ({ ...node, alias: undefined }),
  });
  const hash = createHash('sha256').update(print(shape)).digest('hex').slice(0, 16);
  const fingerprint = `${[...new Set(roots)].join('+').slice(0, 80)}#${hash}`;
  fingerprints.set(document, fingerprint);
  return fingerprint;
}
