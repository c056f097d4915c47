import type { Service } from '@yanxiu/contracts/topic-access';
import type { Stage } from '../stage.js';
import type { Findings } from './findings.js';

interface Source {
  what: string;
  of: readonly [Service, string];
  copies: readonly (readonly [Service, string])[];
}

const UNITS = 'SELECT code, name, tier, parent_code, path FROM org_unit';
const ROLES = `SELECT id, subject, role, unit_code, institution, teacher_id, valid_from, valid_to,
  ended_at FROM role_assignment`;
const POLICIES = 'SELECT key, version, value, valid_from, valid_to FROM policy';

/** What one service keeps of another's, asked of both in the same words. */
const SOURCES: readonly Source[] = [
  {
    what: 'org units',
    of: ['personnel', UNITS],
    copies: [
      ['training', UNITS],
      ['hours', UNITS],
      ['funding', UNITS],
      ['evaluation', UNITS],
    ],
  },
  {
    what: 'policies',
    of: ['personnel', POLICIES],
    copies: [
      ['training', POLICIES],
      ['hours', POLICIES],
      ['funding', POLICIES],
      ['evaluation', POLICIES],
    ],
  },
  {
    what: 'roles',
    of: ['personnel', ROLES],
    copies: [
      ['training', ROLES],
      ['hours', ROLES],
      ['funding', ROLES],
      ['evaluation', ROLES],
    ],
  },
  {
    what: 'teachers',
    of: ['personnel', 'SELECT id, stage, hired_on, retired_on, subject, ladder FROM teacher'],
    copies: [
      ['training', 'SELECT id, stage, hired_on, retired_on, subject, ladder FROM teacher_copy'],
    ],
  },
  {
    what: "teachers' stages",
    of: ['personnel', 'SELECT id, stage, hired_on, retired_on FROM teacher'],
    copies: [['hours', 'SELECT id, stage, hired_on, retired_on FROM teacher_copy']],
  },
  {
    what: 'units of teachers',
    of: ['personnel', 'SELECT teacher_id, unit_code FROM post WHERE to_on IS NULL'],
    copies: [
      ['training', 'SELECT id, unit_code FROM teacher_copy WHERE retired_on IS NULL'],
      [
        'hours',
        `SELECT DISTINCT ON (teacher_id) teacher_id, unit_code FROM teacher_post
         ORDER BY teacher_id, valid_from DESC, seq DESC`,
      ],
    ],
  },
  {
    what: 'enrolments',
    of: [
      'training',
      "SELECT id, project_id, teacher_id FROM enrolment WHERE status <> 'WITHDRAWN'",
    ],
    copies: [
      ['hours', "SELECT id, project_id, teacher_id FROM enrolment WHERE status = 'CONFIRMED'"],
      ['evaluation', 'SELECT enrolment_id, project_id, teacher_id FROM eligible_participant'],
    ],
  },
  {
    what: 'institutions',
    of: ['training', 'SELECT id, code FROM training_institution'],
    copies: [
      ['personnel', 'SELECT id, code FROM institution_copy'],
      ['hours', 'SELECT id, code FROM institution_copy'],
      ['evaluation', 'SELECT id, code FROM institution'],
    ],
  },
  {
    what: 'the state of funds',
    of: ['funding', 'SELECT project_id, state FROM project_funds'],
    copies: [
      [
        'training',
        'SELECT id, funds_state FROM training_project WHERE funds_request_id IS NOT NULL',
      ],
    ],
  },
];

const digest = async (stage: Stage, service: Service, text: string) => {
  const [row] = await stage.sql<{ digest: string; count: number }>(
    service,
    `SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) AS digest,
            count(*)::int AS count FROM (${text}) t`,
  );
  return `${row?.count} rows, ${row?.digest}`;
};

/** I8: what a service keeps of another's data equals it. */
export async function checkCopies(stage: Stage, findings: Findings): Promise<void> {
  for (const { what, of, copies } of SOURCES) {
    const source = await digest(stage, ...of);
    for (const copy of copies) {
      const kept = await digest(stage, ...copy);
      if (kept !== source) {
        findings.wrong.push(
          `I8 ${copy[0]} keeps other ${what} (${kept}) than ${of[0]} (${source})`,
        );
      }
    }
  }
}

/** I6: every enrolment came to one end, and every project that was completed is recognised. */
export async function checkEnds(stage: Stage, findings: Findings): Promise<void> {
  const open = await stage.sql<{ id: string; status: string; class: string }>(
    'training',
    `SELECT e.id, e.status, c.status AS class FROM enrolment e
     JOIN training_class c ON c.id = e.class_id
     WHERE c.status <> 'COMPLETED' OR e.status NOT IN ('CREDITED', 'REFUSED', 'WITHDRAWN')
        OR (e.status IN ('CREDITED', 'REFUSED')) <> (e.decision_id IS NOT NULL)`,
  );
  for (const { id, status, class: where } of open) {
    findings.wrong.push(`I6 enrolment ${id} ends as ${status} of a class that is ${where}`);
  }
  const projects = await stage.sql<{ id: string; status: string }>(
    'training',
    `SELECT p.id, p.status FROM training_project p WHERE p.status <> 'RECOGNISED'
       AND EXISTS (SELECT 1 FROM training_class c WHERE c.project_id = p.id)`,
  );
  for (const { id, status } of projects) findings.wrong.push(`I6 project ${id} is ${status}`);
}
