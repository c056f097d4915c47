import { In, type EntityManager } from 'typeorm';
import { teacherRegistered } from '@yanxiu/contracts/personnel';
import { governs, type AuthorityModel } from '@yanxiu/registry/governance';
import { within } from '@yanxiu/registry/org-unit';
import { policiesOn } from '@yanxiu/registry/policy';
import { acting, actingUnit } from '@yanxiu/registry/scope';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandInput, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { permit } from '@yanxiu/subgraph/decision';
import { badInput } from '@yanxiu/subgraph/errors';
import { personalKeyring } from '../config.js';
import { Classification, Post, Teacher } from './entity.js';
import { normalIdNumber } from './id-number.js';
import { idNumberHashes, idNumberOf, nameOf, phoneOf, sealPersonal } from './personal.js';
import {
  checkRow,
  differences,
  duplicateInFile,
  registeredElsewhere,
  type Candidate,
  type Registered,
  type RowProblem,
  type RowResult,
  type RowUnit,
  type TeacherRow,
} from './rows.js';
import { may } from './rules.js';

const MAX_ROWS = 500;

export interface RegisterTeachersInput extends CommandInput {
  rows: readonly TeacherRow[];
  dryRun?: boolean | null | undefined;
}

export interface RegisterTeachersResult {
  rows: RowResult[];
}

/** Registers the good rows of a roster and reports the bad ones, all in one transaction. */
export async function registerTeachers(
  context: Context,
  input: RegisterTeachersInput,
): Promise<RegisterTeachersResult> {
  const { rows } = input;
  if (rows.length < 1 || rows.length > MAX_ROWS) {
    throw badInput(`每次须为 1 至 ${MAX_ROWS} 行。`, `Send from 1 to ${MAX_ROWS} rows at a time.`);
  }
  const dryRun = input.dryRun ?? false;
  // What is kept with the idempotency key is hashed under a secret: rows are personal data. A
  // request repeated after a change of the hash key is known by its former hash.
  const [claim = {}, ...former] = personalKeyring()
    .hashes(JSON.stringify(rows.map(asArray)))
    .map(({ hash }) => ({ idempotencyKey: dryRun ? null : input.idempotencyKey, digest: hash }));
  const action = dryRun ? 'teacher.checkMany' : 'teacher.registerMany';
  return command(context, action, claim, (tx) => takeRows(tx, rows, dryRun), former);
}

const asArray = (row: TeacherRow) => [
  ...[row.id, row.rowNumber, row.name, row.idNumber, row.phone, row.unitCode, row.stage],
  ...[row.subject, row.ladder, row.roles, row.hiredOn, row.title],
];

async function takeRows(
  tx: CommandTx,
  rows: readonly TeacherRow[],
  dryRun: boolean,
): Promise<RegisterTeachersResult> {
  const { manager, actor } = tx;
  permit(may(await acting(tx), 'register'));
  // One roster at a time: two that name the same person must not both find her missing.
  await manager.query("SELECT pg_advisory_xact_lock(hashtext('personnel.teacher.register'))");
  const today = localDate(tx.now);
  const units = await unitsOf(tx, rows);
  const registered = await registeredAmong(manager, rows, actor.unit, today);
  const firstRows = new Map<string, number>();
  const accepted: { id: string; candidate: Candidate }[] = [];
  const results = rows.map((row): RowResult => {
    const reject = (problems: RowProblem[]): RowResult => ({
      rowNumber: row.rowNumber,
      status: 'REJECTED',
      teacherId: null,
      problems,
    });
    const checked = checkRow(row, units.get(row.unitCode.trim()) ?? null, today);
    if ('problems' in checked) return reject(checked.problems);
    const { candidate } = checked;
    const first = firstRows.get(candidate.idNumber);
    if (first !== undefined) return reject([duplicateInFile(candidate.idNumber, first)]);
    firstRows.set(candidate.idNumber, row.rowNumber);
    const known = registered.get(candidate.idNumber);
    if (known) {
      if (!known.record) return reject([registeredElsewhere(candidate.idNumber)]);
      const problems = differences(candidate, known.record);
      if (problems.length > 0) return reject(problems);
      return { rowNumber: row.rowNumber, status: 'UNCHANGED', teacherId: known.id, problems };
    }
    const id = row.id ?? tx.newId();
    accepted.push({ id, candidate });
    const teacherId = dryRun ? null : id;
    return { rowNumber: row.rowNumber, status: 'REGISTERED', teacherId, problems: [] };
  });
  if (!dryRun && accepted.length > 0) await save(tx, accepted);
  tx.subject('OrgUnit', actor.unit);
  return { rows: results };
}

/** The units that the rows name, each with whether the actor's governs it. */
async function unitsOf(
  { manager, actor, now }: CommandTx,
  rows: readonly TeacherRow[],
): Promise<Map<string, RowUnit>> {
  const codes = [...new Set(rows.map((row) => row.unitCode.trim()))];
  const own = await actingUnit(manager, actor);
  const found: (Omit<RowUnit, 'inJurisdiction'> & { code: string; path: string })[] =
    await manager.query(
      'SELECT code, tier, sector, stage, path FROM org_unit WHERE code = ANY ($1::text[])',
      [codes],
    );
  const policies = await policiesOn(manager, localDate(now), actor.unit);
  const model = policies.value<AuthorityModel>('governance.authority');
  return new Map(
    found.map((unit) => [unit.code, { ...unit, inJurisdiction: governs(own, unit, model) }]),
  );
}

/** Teachers with an ID number of the roster; their record only when it is in the jurisdiction. */
async function registeredAmong(
  manager: EntityManager,
  rows: readonly TeacherRow[],
  actorUnit: string,
  today: string,
): Promise<Map<string, { id: string; record: Registered | null }>> {
  const hashes = rows.flatMap((row) => idNumberHashes(normalIdNumber(row.idNumber)));
  const found: { id: string }[] = await manager.query(
    `SELECT DISTINCT teacher_id AS id FROM id_number_hash
     WHERE (key_id, hash) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [hashes.map(({ keyId }) => keyId), hashes.map(({ hash }) => hash)],
  );
  const teachers = await manager.findBy(Teacher, { id: In(found.map(({ id }) => id)) });
  if (teachers.length === 0) return new Map();
  const posts: { id: string; unitCode: string; sector: Registered['sector']; within: boolean }[] =
    await manager.query(
      `SELECT DISTINCT ON (p.teacher_id) p.teacher_id AS id, p.unit_code AS "unitCode", u.sector,
              ${within('u.path', '$2')} AS within
       FROM post p JOIN org_unit u ON u.code = p.unit_code
       WHERE p.teacher_id = ANY ($1::uuid[])
       ORDER BY p.teacher_id, (p.from_on <= $3) DESC, p.from_on DESC`,
      [teachers.map((teacher) => teacher.id), actorUnit, today],
    );
  const postOf = new Map(posts.map((post) => [post.id, post]));
  return new Map(
    teachers.flatMap((teacher) => {
      const post = postOf.get(teacher.id);
      const idNumber = idNumberOf(teacher);
      // Whoever was erased has no hash to be found by.
      if (idNumber === null) return [];
      const record = post?.within ? recordOf(teacher, idNumber, post) : null;
      return [[idNumber, { id: teacher.id, record }] as const];
    }),
  );
}

const recordOf = (
  teacher: Teacher,
  idNumber: string,
  post: Pick<Registered, 'unitCode' | 'sector'>,
): Registered => ({
  name: nameOf(teacher) ?? '',
  idNumber,
  phone: phoneOf(teacher),
  birthDate: '',
  unitCode: post.unitCode,
  sector: post.sector,
  stage: teacher.stage,
  subject: teacher.subject,
  ladder: teacher.ladder,
  roles: [...teacher.roles].sort(),
  hiredOn: teacher.hiredOn,
  title: teacher.title,
});

async function save(
  tx: CommandTx,
  accepted: readonly { id: string; candidate: Candidate }[],
): Promise<void> {
  const { manager, now: recordedAt } = tx;
  const entries = accepted.map(({ id, candidate }) => ({
    id,
    candidate,
    classification: {
      stage: candidate.stage,
      subject: candidate.subject,
      ladder: candidate.ladder ?? 'NEW',
      roles: candidate.roles ?? ['CLASSROOM_TEACHER' as const],
    },
  }));
  await manager.insert(
    Teacher,
    entries.map(({ id, candidate, classification }) => ({
      id,
      ...sealPersonal(id, candidate),
      ...classification,
      title: candidate.title,
      hiredOn: candidate.hiredOn,
      recordedAt,
    })),
  );
  const hashes = entries.flatMap(({ id, candidate }) =>
    idNumberHashes(candidate.idNumber).map((keyed) => ({ id, ...keyed })),
  );
  await manager.query(
    `INSERT INTO id_number_hash (key_id, hash, teacher_id)
     SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[])`,
    [hashes.map(({ keyId }) => keyId), hashes.map(({ hash }) => hash), hashes.map(({ id }) => id)],
  );
  await manager.insert(
    Classification,
    entries.map(({ id, candidate, classification }) => ({
      teacherId: id,
      from: candidate.hiredOn,
      ...classification,
      recordedAt,
    })),
  );
  await manager.insert(
    Post,
    entries.map(({ id, candidate }) => ({
      id: tx.newId(),
      teacherId: id,
      unitCode: candidate.unitCode,
      from: candidate.hiredOn,
      recordedAt,
    })),
  );
  for (const { id, candidate, classification } of entries) {
    const { unitCode, sector, hiredOn } = candidate;
    await tx.emit(teacherRegistered, id, {
      teacherId: id,
      unitCode,
      sector,
      ...classification,
      hiredOn,
    });
  }
}
