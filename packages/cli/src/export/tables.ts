import { ladderTerm, stageTerm } from '../import/terms.js';

/** The operations `gateway/operations/cli/export.graphql`. */
export const EXPORT_TEACHERS = `query ExportTeachers($under: ID, $first: Int, $after: String) {
  teachers(under: $under, first: $first, after: $after) {
    nodes {
      staffNumber
      name
      idNumberMasked
      unit { code name }
      stage
      subject
      title
      ladder
      hiredOn
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const EXPORT_HOURS = `query ExportHours(
  $under: ID!
  $year: Int!
  $first: Int
  $after: String
) {
  compliances(under: $under, year: $year, first: $first, after: $after) {
    nodes {
      teacher { id staffNumber name }
      unit { code name }
      hours { year total required missing verdict }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface Unit {
  code: string;
  name: string;
}

interface TeacherNode {
  staffNumber: string | null;
  name: string | null;
  idNumberMasked: string | null;
  unit: Unit | null;
  stage: string | null;
  subject: string | null;
  title: string | null;
  ladder: string | null;
  hiredOn: string | null;
}

interface HoursNode {
  teacher: { id: string; staffNumber: string | null; name: string | null };
  unit: Unit;
  hours: {
    year: number;
    total: string;
    required: string | null;
    missing: string | null;
    verdict: string;
  };
}

const VERDICTS: Readonly<Record<string, string>> = {
  MET: '达标',
  SHORT: '未达标',
  NOT_REGULATED: '未作规定',
  EXEMPT: '免修',
};

/** A list that can be exported: which connection it is, its headings, and a row of it. */
export interface Table {
  query: string;
  connection: string;
  /** What its sheet is called. */
  title: string;
  headings: readonly string[];
  rowOf(node: unknown): (string | null)[];
}

export const TABLES: Readonly<Record<'teachers' | 'hours', Table>> = {
  teachers: {
    query: EXPORT_TEACHERS,
    connection: 'teachers',
    title: '教师名册',
    headings: [
      ...['工号', '姓名', '身份证号', '单位代码', '单位名称', '学段', '任教学科', '职称', '梯队'],
      '入职日期',
    ],
    rowOf: (node) => {
      const { unit, stage, ladder, ...teacher } = node as TeacherNode;
      return [
        teacher.staffNumber,
        teacher.name,
        teacher.idNumberMasked,
        unit?.code ?? null,
        unit?.name ?? null,
        stage && stageTerm(stage),
        teacher.subject,
        teacher.title,
        ladder && ladderTerm(ladder),
        teacher.hiredOn,
      ];
    },
  },
  hours: {
    query: EXPORT_HOURS,
    connection: 'compliances',
    title: '学时达标情况',
    headings: [
      ...['教师编号', '工号', '姓名', '单位代码', '单位名称', '年度', '已获学时', '应修学时'],
      ...['尚缺学时', '结论'],
    ],
    rowOf: (node) => {
      const { teacher, unit, hours } = node as HoursNode;
      return [
        teacher.id,
        teacher.staffNumber,
        teacher.name,
        unit.code,
        unit.name,
        String(hours.year),
        hours.total,
        hours.required,
        hours.missing,
        VERDICTS[hours.verdict] ?? hours.verdict,
      ];
    },
  },
};
