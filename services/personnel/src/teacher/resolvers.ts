import type { Context } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { unitByCode } from '../org-unit/queries.js';
import { changeTeacherClassification, retireTeacher, transferTeacher } from './commands.js';
import { revealIdNumber } from './disclosure.js';
import { erasePerson } from './erasure.js';
import { maskName, maskNumber } from './mask.js';
import { idNumberOf, nameOf } from './personal.js';
import {
  classificationsOf,
  me,
  postsOf,
  teacher,
  teachers,
  teacherView,
  unitCodeOn,
  type TeacherView,
} from './queries.js';
import { registerTeachers } from './register.js';

async function payload(context: Context, { teacherId }: { teacherId: string }) {
  const view = await teacherView(context, teacherId);
  if (!view) throw new Error(`teacher ${teacherId} is gone after its command`);
  return { teacher: view };
}

async function unit(context: Context, code: string) {
  const found = await unitByCode(context, code);
  if (!found) throw new Error(`no org unit ${code}`);
  return found;
}

/** A field of the working record; null for who may not see it. */
const record =
  <V>(read: (view: TeacherView) => V) =>
  (view: TeacherView): V | null =>
    view.access.record ? read(view) : null;

function shownName({ access, teacher }: TeacherView): string | null {
  if (access.name === 'NONE') return null;
  const name = nameOf(teacher);
  return name === null || access.name === 'FULL' ? name : maskName(name);
}

export const resolvers: Resolvers = {
  Query: {
    teacher: (_, { id }, context) => teacher(context, id),
    teachers: (_, args, context) => teachers(context, args),
    me: (_, _args, context) => me(context),
  },
  Mutation: {
    registerTeachers: async (_, { input }, context) => {
      const { rows } = await registerTeachers(context, input);
      const count = (status: string) => rows.filter((row) => row.status === status).length;
      return {
        rows,
        registered: count('REGISTERED'),
        unchanged: count('UNCHANGED'),
        rejected: count('REJECTED'),
      };
    },
    transferTeacher: async (_, { input }, context) =>
      payload(context, await transferTeacher(context, input)),
    changeTeacherClassification: async (_, { input }, context) =>
      payload(context, await changeTeacherClassification(context, input)),
    retireTeacher: async (_, { input }, context) =>
      payload(context, await retireTeacher(context, input)),
    revealIdNumber: async (_, { input }, context) => {
      const { teacherId, idNumber } = await revealIdNumber(context, input);
      return { ...(await payload(context, { teacherId })), idNumber };
    },
    erasePerson: async (_, { input }, context) =>
      payload(context, await erasePerson(context, input)),
  },
  Teacher: {
    __resolveReference: ({ id }, context) => teacherView(context, id),
    staffNumber: record(({ teacher }) => teacher.staffNumber.padStart(8, '0')),
    name: shownName,
    idNumberMasked: ({ access, teacher }) => {
      const idNumber = access.idNumber ? idNumberOf(teacher) : null;
      return idNumber === null ? null : maskNumber(idNumber);
    },
    unit: (view, _args, context) => (view.access.record ? unit(context, view.unitCode) : null),
    unitOn: async (view, { date }, context) => {
      const code = view.access.record ? await unitCodeOn(context, view, date) : null;
      return code ? unit(context, code) : null;
    },
    posts: (view, _args, context) => (view.access.record ? postsOf(context, view) : null),
    sector: async (view, _args, context) =>
      view.access.record ? (await unit(context, view.unitCode)).sector : null,
    stage: record(({ teacher }) => teacher.stage),
    subject: record(({ teacher }) => teacher.subject),
    ladder: record(({ teacher }) => teacher.ladder),
    roles: record(({ teacher }) => teacher.roles),
    classifications: (view, _args, context) =>
      view.access.record ? classificationsOf(context, view) : null,
    title: record(({ teacher }) => teacher.title),
    hiredOn: record(({ teacher }) => teacher.hiredOn),
    retiredOn: record(({ teacher }) => teacher.retiredOn),
    erasedAt: record(({ teacher }) => teacher.erasedAt),
  },
  TeacherPost: {
    unit: ({ unitCode }, _args, context) => unit(context, unitCode),
  },
  TeacherRowResult: {
    teacher: ({ teacherId }, _args, context) =>
      teacherId ? teacherView(context, teacherId) : null,
  },
  TeacherRowProblem: {
    message: ({ messageZh, messageEn }, _args, { locale }) =>
      locale === 'zh' ? messageZh : messageEn,
  },
};
