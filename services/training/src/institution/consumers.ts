import { institutionRated } from '@yanxiu/contracts/evaluation';
import { NotYetKnown, on } from '@yanxiu/messaging/handlers';
import { InstitutionRating } from './entity.js';
import { findInstitution } from './queries.js';

export const handlers = [
  on(institutionRated, async ({ data }, { manager }) => {
    if (!(await findInstitution(manager, data.institutionId))) {
      throw new NotYetKnown(`institution ${data.institutionId}`);
    }
    await manager.insert(InstitutionRating, {
      id: data.ratingId,
      institutionId: data.institutionId,
      grade: data.grade,
      score: data.score,
      projects: data.projects,
      at: new Date(data.at),
    });
  }),
];
