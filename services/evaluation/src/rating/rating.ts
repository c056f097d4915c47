import { institutionRated } from '@yanxiu/contracts/evaluation';
import type { Tx } from '@yanxiu/messaging/transaction';
import type { PolicySet } from '@yanxiu/registry/policy';
import { compositesOf } from '../project/queries.js';
import { weightedMean } from '../project/rules.js';
import { InstitutionRating } from './entity.js';
import { gradeOf, kendallW, type Grades } from './rules.js';

/** Rates an institution anew after `projectId` was closed with a composite (EVAL-USED). */
export async function rateInstitution(
  tx: Tx,
  institutionId: string,
  projectId: string,
  policies: PolicySet,
): Promise<void> {
  const { manager, now } = tx;
  const closed = await compositesOf(manager, institutionId);
  const score = weightedMean(closed.map(({ composite }) => ({ value: composite ?? 0, weight: 1 })));
  if (score === null) return;
  const grade = gradeOf(score, policies.value<Grades>('evaluation.grades'));
  const channels = [
    closed.map((each) => each.agencyScore ?? 0),
    closed.map((each) => each.anonymousScore ?? 0),
    closed.map((each) => each.supervisionScore ?? 0),
  ];
  const ratingId = tx.newId();
  const number = (await manager.countBy(InstitutionRating, { institutionId })) + 1;
  await manager.insert(InstitutionRating, {
    ...{ id: ratingId, institutionId, number, grade, score, projectId },
    projects: closed.length,
    agreement: kendallW(channels),
    useAs: policies.value<string>('evaluation.useAs'),
    ratedAt: now,
  });
  await tx.emit(institutionRated, institutionId, {
    ratingId,
    institutionId,
    grade,
    score,
    projects: closed.length,
    at: now.toISOString(),
  });
}
