import type { CommandTx } from '@yanxiu/subgraph/command';
import type { ClaimRow } from './queries.js';
import type { NewClaim } from './form.js';
import type { ClaimStatus } from './rules.js';

/** A claim that is made: with its place in the tree and the time it waits. */
export interface AcceptedClaim extends NewClaim {
  id: string;
  firstDate: string;
  unitCode: string;
  registrarCode: string;
  institutionCode: string | null;
  dueAt: Date;
}

/** Writes claims with their first step. */
export async function insertClaims(
  { manager, actor, now }: CommandTx,
  claims: readonly AcceptedClaim[],
): Promise<void> {
  await manager.query(
    `WITH made AS (
       INSERT INTO claim (id, teacher_id, source, category, modality, title, project_id, sessions,
         first_date, evidence_sha256, evidence_name, evidence_size, relevance, approval, unit_code,
         registrar_code, institution_code, status, due_at, submitted_at)
       SELECT id, "teacherId", source, category, modality, title, "projectId", sessions,
         "firstDate", decode(evidence->>'sha256', 'hex'), evidence->>'name',
         (evidence->>'size')::bigint, relevance, approval, "unitCode", "registrarCode",
         "institutionCode", 'SUBMITTED', "dueAt", $2
       FROM jsonb_to_recordset($1::jsonb) AS c(id uuid, "teacherId" uuid, source text,
         category text, modality text, title text, "projectId" uuid, sessions jsonb,
         "firstDate" date, evidence jsonb, relevance text, approval text, "unitCode" text,
         "registrarCode" text, "institutionCode" text, "dueAt" timestamptz)
       RETURNING id
     )
     INSERT INTO claim_step (claim_id, sequence, status, actor, unit_code, at)
     SELECT id, 1, 'SUBMITTED', $3, $4, $2 FROM made`,
    [JSON.stringify(claims), now, actor.subject, actor.unit],
  );
}

/** Moves a claim on and notes who did it and why. */
export async function moveClaim(
  { manager, actor, now }: CommandTx,
  claim: ClaimRow,
  to: { status: ClaimStatus; reason: string | null; dueAt: Date | null },
): Promise<void> {
  await manager.query(
    `WITH moved AS (
       UPDATE claim SET status = $2, due_at = $3 WHERE id = $1
     )
     INSERT INTO claim_step (claim_id, sequence, status, reason, actor, unit_code, at)
     SELECT $1, 1 + max(sequence), $2, $4, $5, $6, $7 FROM claim_step WHERE claim_id = $1`,
    [claim.id, to.status, to.dueAt, to.reason, actor.subject, actor.unit, now],
  );
}
