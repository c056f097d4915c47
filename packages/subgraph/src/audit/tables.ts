import { appendOnlyTrigger } from '../database.js';

/**
 * What a service's migration adds to the table `audit` of its commands: columns for reads of
 * personal data and for purposes, and the refusal of every change. `subject_ids` are all those
 * whose data was read, up to a page; beyond that `subject_count` alone says how many.
 */
export const auditStatements: readonly string[] = [
  `ALTER TABLE audit
    ADD COLUMN data_class text,
    ADD COLUMN subject_ids uuid[],
    ADD COLUMN subject_count integer,
    ADD COLUMN fingerprint text,
    ADD COLUMN purpose text,
    ADD COLUMN note text`,
  'CREATE INDEX audit_order ON audit (at, id)',
  'CREATE INDEX audit_actor ON audit (actor, action, at)',
  'CREATE INDEX audit_subject_ids ON audit USING gin (subject_ids)',
  ...appendOnlyTrigger('audit'),
];
