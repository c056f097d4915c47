import { instant } from './calendar.js';
import { officer, type Book } from './book.js';
import { groupBy } from '@yanxiu/contracts/group-by';
import { uuid7 } from './random.js';
import type { StepActor } from './step.js';
import type { Teacher } from './teachers.js';
import { PROVINCE, type Unit } from './tree.js';
import type { World } from './world.js';

/** Units exist since before the first teacher was hired. */
const TREE_SINCE = '1985-01-01';
const ROSTER_ROWS = 500;

function registerUnit(book: Book, world: World, unit: Unit): void {
  const { code, name, tier, sector, stage, parentCode } = unit;
  book.step('personnel', 'orgUnit.register', instant(world.founding, '08:30'), officer(PROVINCE), {
    id: uuid7(world.random.stream(`unit/${code}`), instant(world.founding, '08:30')),
    code,
    name,
    tier,
    ...(sector && { sector }),
    ...(stage && { stage }),
    ...(parentCode && { parentCode }),
    validFrom: TREE_SINCE,
  });
}

/** A roster as an office sends it, cut to what one command takes. */
export function registerTeachers(
  book: Book,
  at: string,
  actor: StepActor,
  teachers: readonly Teacher[],
): void {
  for (let from = 0; from < teachers.length; from += ROSTER_ROWS) {
    const rows = teachers.slice(from, from + ROSTER_ROWS).map((teacher, index) => ({
      id: teacher.id,
      rowNumber: from + index + 2,
      name: teacher.name,
      idNumber: teacher.idNumber,
      unitCode: teacher.unitCode,
      stage: teacher.stage,
      subject: teacher.subject,
      ladder: teacher.ladder,
      roles: teacher.roles,
      hiredOn: teacher.hiredOn,
      title: teacher.title,
    }));
    book.step('personnel', 'teacher.registerMany', at, actor, { rows });
  }
}

/** The officer who keeps the register of a school: of the unit above it. */
export const registrarOf = (world: World): ((unitCode: string) => StepActor) => {
  const parents = new Map(world.tree.schools.map((school) => [school.code, school.parentCode]));
  return (unitCode) => officer(parents.get(unitCode) ?? PROVINCE);
};

/** Tree, policy and teachers; institutions and their accreditations. */
export function fillRegisters(book: Book, world: World): void {
  const [root, ...divisions] = world.tree.divisions;
  if (!root) throw new Error('the tree has no root');
  book.phase('登记机构、政策与教师');
  registerUnit(book, world, root);
  const dawn = instant(world.founding, '08:30');
  book.step('personnel', 'policy.publishDefaults', dawn, officer(PROVINCE), {});
  for (const unit of [...divisions, ...world.tree.schools]) registerUnit(book, world, unit);
  const registrar = registrarOf(world);
  const byOffice = groupBy(world.teachers, ({ unitCode }) => registrar(unitCode).unit);
  for (const [unit, teachers] of byOffice) {
    registerTeachers(book, instant(world.founding, '09:00'), officer(unit), teachers);
  }
  book.phase('登记承训机构');
  for (const institution of world.institutions) registerInstitution(book, world, institution);
}

function registerInstitution(
  book: Book,
  world: World,
  institution: World['institutions'][number],
): void {
  const { id, code, name, kind, byUnit, sectors, categories } = institution;
  const at = instant(world.founding, '10:00');
  book.step('training', 'institution.register', at, officer(byUnit), { id, code, name, kind });
  book.step('training', 'institution.accredit', at, officer(byUnit), {
    id: uuid7(world.random.stream(`accreditation/${code}`), at),
    institutionId: id,
    sectors,
    categories,
    validFrom: world.founding,
    validTo: `${Number(world.today.slice(0, 4)) + 3}-12-31`,
  });
}
